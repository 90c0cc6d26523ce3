import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * Runs one of the long programs of these tests with a small task, to its end.
 * @param program its path from tests/faults.
 */
export async function runProgram(
  program: string,
  task: Readonly<Record<string, string>>,
): Promise<{ said: string; code: number }> {
  const path = fileURLToPath(new URL(`../${program}`, import.meta.url));
  const running = spawn(process.execPath, [path], { env: { ...process.env, ...task } });
  let said = '';
  for (const output of [running.stdout, running.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  try {
    const [code] = await once(running, 'close');
    return { said, code };
  } finally {
    running.kill('SIGTERM');
  }
}
