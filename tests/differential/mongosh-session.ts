import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A run of the shell must not outlive the check that started it. */
const TIMEOUT_MS = 120_000;

/** A check reports to nobody and looks for no updates. */
const SETTINGS = { enableTelemetry: false, updateURL: '' };

interface ShellResult {
  readonly output: string;
  readonly exitCode: number | null;
}

/** MongoDB's own shell, with a home directory of its own, so that nothing of the user's is read or written. */
export class Mongosh {
  private constructor(
    private readonly program: string,
    private readonly uri: string,
    private readonly home: string,
  ) {}

  static async prepare(program: string, uri: string): Promise<Mongosh> {
    const home = await mkdtemp(join(tmpdir(), 'mongosh-'));
    await mkdir(join(home, '.mongodb/mongosh'), { recursive: true });
    await writeFile(join(home, '.mongodb/mongosh/config'), JSON.stringify(SETTINGS));
    return new Mongosh(program, uri, home);
  }

  /** Run the shell to its end; `input` is typed into it. */
  run(args: readonly string[], input = ''): Promise<ShellResult> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.program, [this.uri, '--norc', ...args], {
        env: { ...process.env, HOME: this.home, USERPROFILE: this.home, NO_COLOR: '1' },
        timeout: TIMEOUT_MS,
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      child.on('error', reject);
      child.on('close', (exitCode) => resolve({ output, exitCode }));
      child.stdin.end(input);
    });
  }

  /** What one script prints. */
  async evaluate(script: string): Promise<ShellResult> {
    const result = await this.run(['--quiet', '--eval', script]);
    return { ...result, output: result.output.trim() };
  }

  /**
   * Type statements into an interactive shell, one after the other. Returns the greeting and what each of them printed.
   */
  async type(statements: readonly string[]): Promise<{ greeting: string; answers: string[] }> {
    const lines = statements.flatMap((statement, i) => [`print('<<${i}>>')`, statement]);
    const { output } = await this.run([], `${[...lines, `print('<<end>>')`, 'exit'].join('\n')}\n`);
    const [greeting = '', ...answers] = output.split(/<<\d+>>/);
    const last = answers.length - 1;
    answers[last] = answers[last]?.split('<<end>>')[0] ?? '';
    return { greeting, answers };
  }

  discard(): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }
}
