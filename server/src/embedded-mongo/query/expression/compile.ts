import { isObject, setField } from '../../bson/values.js';
import { LocationError, notSupported, StoreError } from '../../errors.js';
import { fieldPath, valueAtPath } from './field-path.js';
import { OPERATORS } from './operators.js';
import { type Compiler, type Evaluate, variableOf } from './scope.js';

const ALWAYS_KNOWN = ['ROOT', 'CURRENT', 'REMOVE', 'NOW'];

/** A compiler for expressions that may use these variables besides MongoDB's own. */
export function compilerWith(names: Iterable<string>): Compiler {
  const known = new Set(names);
  const compiler: Compiler = {
    compile: (expression) => compile(expression, compiler, known),
    within: (...more) => compilerWith([...known, ...more]),
  };
  return compiler;
}

function compile(expression: unknown, compiler: Compiler, known: ReadonlySet<string>): Evaluate {
  if (typeof expression === 'string' && expression.startsWith('$')) return compilePath(expression, known);
  if (Array.isArray(expression)) {
    const elements = expression.map((element: unknown) => compiler.compile(element));
    return (scope) => elements.map((evaluate) => evaluate(scope) ?? null);
  }
  if (!isObject(expression)) return () => expression;
  const names = Object.keys(expression);
  const [first] = names;
  if (!first?.startsWith('$')) return compileObject(names, expression, compiler);
  if (names.length > 1) {
    throw new LocationError(
      15983,
      `An object representing an expression must have exactly one field, the name of the expression: ${names.join(', ')}`,
    );
  }
  return operatorNamed(first)(expression[first], compiler, first);
}

const REFUSED = new Set([
  ...[
    '$function',
    '$median',
    '$meta',
    '$percentile',
    '$toHashedIndexKey',
    '$toUUID',
    '$tsIncrement',
    '$tsSecond',
  ],
]);

function operatorNamed(name: string): (typeof OPERATORS)[string] {
  const operator = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (!operator && REFUSED.has(name)) throw notSupported(name, 'InvalidPipelineOperator');
  if (!operator) throw new StoreError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
  return operator;
}

function compileObject(names: string[], expression: Record<string, unknown>, compiler: Compiler): Evaluate {
  const fields = names.map((name) => {
    if (name.includes('.') || name.startsWith('$')) {
      const [code, what] = name.startsWith('$') ? [16410, "start with '$'"] : [16412, "contain '.'"];
      throw new LocationError(
        code,
        `FieldPath field names may not ${what}. Consider using $getField or $setField.`,
      );
    }
    return { name, evaluate: compiler.compile(expression[name]) };
  });
  return (scope) => {
    const result = {};
    for (const { name, evaluate } of fields) {
      const value = evaluate(scope);
      if (value !== undefined) setField(result, name, value);
    }
    return result;
  };
}

function compilePath(expression: string, known: ReadonlySet<string>): Evaluate {
  if (expression === '$') throw new LocationError(16872, "'$' by itself is not a valid FieldPath");
  if (!expression.startsWith('$$')) {
    const segments = fieldPath(expression.slice(1));
    return (scope) => valueAtPath(scope.current, segments);
  }
  const [name = '', ...rest] = expression.slice(2).split('.');
  if (name === '') throw new StoreError('FailedToParse', 'empty variable names are not allowed');
  if (!known.has(name) && !ALWAYS_KNOWN.includes(name)) {
    throw new LocationError(17276, `Use of undefined variable: ${name}`);
  }
  const segments = rest.length === 0 ? [] : fieldPath(rest.join('.'));
  return (scope) => valueAtPath(namedValue(name, scope), segments);
}

function namedValue(name: string, scope: Parameters<Evaluate>[0]): unknown {
  switch (name) {
    case 'ROOT':
      return scope.root;
    case 'CURRENT':
      return scope.current;
    case 'REMOVE':
      return undefined;
    default:
      return variableOf(scope, name);
  }
}
