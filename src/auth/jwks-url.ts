import { AuthError } from './auth-error.ts';

const TIMEOUT_MS = 5000;
const MAX_BYTES = 256 * 1024;

export interface FetchJwksOptions {
  /** Gives it up. */
  readonly signal: AbortSignal;
  /** For the whole of the answer, in milliseconds; 5000 if not given. */
  readonly timeoutMs?: number;
}

/**
 * What an URL answers, up to 256 KiB of it. Redirects are not followed: whoever can answer there for somebody else
 * would choose the keys.
 * @throws AuthError that says why there is none.
 */
export async function fetchJwks(url: string, { signal, timeoutMs = TIMEOUT_MS }: FetchJwksOptions): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([signal, timeout]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new AuthError(`the answer is ${response.status}`);
    }
    return await textOf(response);
  } catch (error) {
    if (error instanceof AuthError) throw error;
    throw new AuthError(timeout.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error));
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new AuthError(`the answer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** "fetch failed" is all that the error itself says. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? (cause?.message || message);
}
