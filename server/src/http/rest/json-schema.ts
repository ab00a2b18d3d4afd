// Owns telling what zod schemas say in JSON Schema, as OpenAPI 3.1 shows it and as text is read by it.
import { z } from 'zod';
import { componentNames } from './components.js';
import { portable } from './portable.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Procedures have their schemas for good: each is told once, however many servers there are. */
const once = (tell: (schema: z.ZodType) => JsonSchema): ((schema: z.ZodType) => JsonSchema) => {
  const known = new WeakMap<z.ZodType, JsonSchema>();
  return (schema) => {
    const told = known.get(schema) ?? tell(schema);
    known.set(schema, told);
    return told;
  };
};

/** Of what is sent. What is not known is ignored, but inside of what has its own rules. */
export const inputSchema = once((schema) => {
  const {
    $schema: _,
    additionalProperties: __,
    ...told
  } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: dateText,
    override: ({ zodSchema, jsonSchema }) => {
      tellWidth(jsonSchema);
      const { def } = zodSchema._zod;
      if (def.type === 'pipe' && def.out._zod.def.type === 'string') tellOutcome(jsonSchema, def.out);
    },
  });
  return JSON.parse(JSON.stringify(told), tellPattern);
});

const tellPattern = (key: string, value: unknown): unknown =>
  key === 'pattern' && typeof value === 'string' ? portable(value) : value;

/** Generated clients keep whole numbers in 32 bits where nothing says that they may be larger. */
const tellWidth = (schema: JsonSchema): void => {
  if (schema.type === 'integer' && (schema.maximum ?? Number.POSITIVE_INFINITY) > INT32_MAX)
    schema.format = 'int64';
};

const INT32_MAX = 2 ** 31 - 1;

/** Text that is put in form before it is judged is told as it has to be afterwards: in that form it is right from the start. */
const tellOutcome = (text: JsonSchema, outcome: z.core.$ZodType): void => {
  const { $schema: _, ...rules } = z.toJSONSchema(outcome, { io: 'input' });
  text.allOf = [...(text.allOf ?? []), rules];
};

/** Of what is answered. What has a name stands under `$defs`, and is referred to as a component of the document. */
export const outputSchema = once((schema) => {
  const { $schema: _, ...told } = z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: dateText,
    metadata: componentNames,
    override: ({ jsonSchema }) => {
      tellWidth(jsonSchema);
      // Answers may come to hold more.
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return JSON.parse(JSON.stringify(told).replaceAll('"#/$defs/', '"#/components/schemas/'), tellPattern);
});

/** JSON has no dates. */
const dateText = ({ zodSchema }: { zodSchema: z.core.$ZodTypes }): JsonSchema | 'throw' =>
  zodSchema._zod.def.type === 'date' ? { type: 'string', format: 'date-time' } : 'throw';
