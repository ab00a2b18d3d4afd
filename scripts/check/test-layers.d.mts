export declare const findLayers: (testsFolder: string) => string[];

export declare const planRuns: (
  testsFolder: string,
  args: string[],
) => { runs: { layer: string; files: string[] }[]; mochaArgs: string[]; unknown: string[] };
