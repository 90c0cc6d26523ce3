import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** The short form of `make soak`. */
test('clients that are cut, frozen and killed for a while are told everything once, in one order', async () => {
  const program = fileURLToPath(new URL('soak/run.ts', import.meta.url));
  const soak = spawn(process.execPath, [program], { env: { ...process.env, MINUTES: '0.5', CLIENTS: '60' } });
  let said = '';
  for (const output of [soak.stdout, soak.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  try {
    const [code] = await once(soak, 'close');
    expect(said).toMatch(/\nsoak passed: \d{4,} deliveries, .*\n$/);
    expect(code).toBe(0);
  } finally {
    soak.kill('SIGTERM');
  }
});
