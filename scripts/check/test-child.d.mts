export interface MochaResult {
  passed: number;
  failed: number;
  skipped: number;
  skippedTests: { title: string; reason: string }[];
  failedTests: string[];
  problems: string[];
  tookMs: number;
}

export declare const runMocha: (run: {
  folder: string;
  files: string[];
  args: string[];
  timeoutMs: number;
  exitGraceMs: number;
  env?: Record<string, string>;
  onOutput: (chunk: Uint8Array) => void;
}) => Promise<MochaResult>;
