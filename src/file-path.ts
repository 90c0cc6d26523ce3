import { z } from 'zod';

const LONGEST = 200;
/** A key in PEM, a JWKS or a token, and what may be a secret. */
const NO_PATH = /[\r\n]|^\s*(-----BEGIN|\{|eyJ)|^[\w+/-]{40,}={0,2}$/;

/** Whether a text may be shown as a path: what is put where one is expected is now and then the secret itself. */
export function isShownPath(text: string): boolean {
  return text.length <= LONGEST && !NO_PATH.test(text);
}

/** A setting that names a file. */
export const filePath = () =>
  z.string().refine(isShownPath, { message: 'must be the path of a file, and is something else' });
