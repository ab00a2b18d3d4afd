export declare const errorsPage: (
  catalogue: Record<
    string,
    { trpc: string; http: number; close: number | null; retry: string; message: string; about: string }
  >,
) => string;

export declare const limitsPage: (
  limits: Record<string, { value: number; unit: string; why: string; error?: string; variable?: string }>,
  catalogue: Record<string, unknown>,
) => string;

export declare const metricsPage: (
  metrics: Record<
    string,
    { name: string; type: string; help: string; label?: { name: string; values: string } }
  >,
) => string;
