/** Keys or a list of what is revoked that cannot be used; the message says why and shows none of a key. */
export class AuthError extends Error {
  override readonly name = 'AuthError';
}
