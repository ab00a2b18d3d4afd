import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  keepSecret,
  loadConfig,
  resolveSettings,
  variableNames,
} from '@parley/server/internal/config/index';
import { expect } from 'chai';

const faultsOf = (act: () => unknown): readonly string[] => {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
};

describe('loadConfig', () => {
  it('has a default for everything', () => {
    const config = loadConfig({});
    expect(config).to.include({
      port: 4000,
      host: '127.0.0.1',
      production: false,
      bcryptCost: 11,
      rateLimits: true,
    });
    expect(config.mongodbUri).to.equal(undefined);
    expect(config.corsOrigins).to.deep.equal([]);
  });

  it('reads every sort of value', () => {
    const config = loadConfig({
      NODE_ENV: 'production',
      PORT: '0',
      JWT_SECRET: 'x'.repeat(32),
      CORS_ORIGIN: 'https://a.example, http://localhost:5173',
      WINDOW_MESSAGES: '20',
    });
    expect(config).to.include({ production: true, port: 0, windowMessages: 20 });
    expect(config.corsOrigins).to.deep.equal(['https://a.example', 'http://localhost:5173']);
  });

  it('takes an empty variable for an absent one', () => {
    expect(loadConfig({ PORT: '', MONGODB_URI: '  ', JWT_SECRET: '' }).port).to.equal(4000);
  });

  it('lists every bad variable at once, each with what is expected', () => {
    const bad = {
      NODE_ENV: 'prod',
      PORT: '70000',
      HOST: 'two words',
      MONGODB_URI: 'postgres://ada:hunter2@db',
      JWT_SECRET: 'short-and-secret',
      METRICS_TOKEN: 'short too',
      LOG_LEVEL: 'loud',
      CORS_ORIGIN: 'https://a.example/path',
      TRUST_PROXY: '-1',
      BCRYPT_COST: '9',
      ACCESS_TOKEN_SECONDS: '0',
      SESSION_DAYS: 'many',
      RATE_LIMITS: 'no',
      WINDOW_MESSAGES: '1.5',
      SEGMENT_MESSAGES: '0',
      DOCUMENT_IDLE_MS: '1e3',
    };
    const faults = faultsOf(() => loadConfig(bad));
    expect(faults.map((fault) => fault.split(' ')[0])).to.deep.equal(Object.keys(bad));
    expect(faults[1]).to.equal('PORT must be a port number from 0 to 65535, not "70000"');
  });

  it('never repeats a secret', () => {
    const faults = faultsOf(() =>
      loadConfig({
        MONGODB_URI: 'postgres://ada:hunter2@db',
        JWT_SECRET: 'tooshort',
        METRICS_TOKEN: 'briefest',
      }),
    );
    expect(faults).to.have.length(3);
    expect(faults.join()).not.to.match(/hunter2|tooshort|briefest/);
  });

  it('insists on a secret and on limits in production, beside other faults', () => {
    const faults = faultsOf(() => loadConfig({ NODE_ENV: 'production', RATE_LIMITS: 'off', PORT: 'x' }));
    expect(faults.map((fault) => fault.split(' ')[0])).to.deep.equal(['PORT', 'JWT_SECRET', 'RATE_LIMITS']);
  });

  it('sends no letters in production from nobody, or with links to this machine', () => {
    const mail = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(32), SMTP_URL: 'smtp://mail.example.org' };
    const faults = faultsOf(() => loadConfig(mail));
    expect(faults.map((fault) => fault.split(' ')[0])).to.deep.equal(['MAIL_FROM', 'PASSWORD_RESET_URL']);
    const whole = { MAIL_FROM: 'hello@example.org', PASSWORD_RESET_URL: 'https://app.example.org/reset' };
    expect(loadConfig({ ...mail, ...whole }).mailFrom).to.equal('hello@example.org');
  });
});

describe('.env.example', () => {
  it('lists exactly the variables that are read, and can be started with', async () => {
    const text = await readFile(new URL('../../.env.example', import.meta.url), 'utf8');
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const entries = lines.map((line) => {
      const [name = '', value = ''] = line.split('=');
      return [name, value] as const;
    });
    expect(entries.map(([name]) => name).sort()).to.deep.equal([...variableNames].sort());
    expect(loadConfig(Object.fromEntries(entries))).to.deep.equal(loadConfig({}));
  });
});

describe('resolveSettings', () => {
  it('takes a cheaper hash from a program than from the environment, but no nonsense', () => {
    expect(resolveSettings({ bcryptCost: 4 }).bcryptCost).to.equal(4);
    const faults = faultsOf(() => resolveSettings({ bcryptCost: 1, port: -1, jwtSecret: 'short' }));
    expect(faults.map((fault) => fault.split(':')[0]).sort()).to.deep.equal([
      'bcryptCost',
      'jwtSecret',
      'port',
    ]);
  });
});

describe('keepSecret', () => {
  let dataDir = '';
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-secret-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('makes one secret, for its owner alone, however many ask at once', async () => {
    const secrets = await Promise.all(Array.from({ length: 10 }, () => keepSecret(join(dataDir, 'new'))));
    expect(new Set(secrets).size).to.equal(1);
    expect(secrets[0]).to.have.length.greaterThan(32);
    expect((await stat(join(dataDir, 'new', 'secret'))).mode & 0o777).to.equal(0o600);
    expect(await keepSecret(join(dataDir, 'new'))).to.equal(secrets[0]);
  });

  it('refuses a damaged secret instead of signing with it', async () => {
    await writeFile(join(dataDir, 'secret'), 'short');
    const outcome = await keepSecret(dataDir).catch((error: unknown) => error);
    expect(outcome).to.be.instanceOf(Error).with.property('message').that.includes('damaged');
  });
});
