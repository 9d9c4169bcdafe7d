/** What an account's names and secrets look like. */

/** An API key: 8 characters, `[0-9a-f]`. */
export function isApiKey(text: string): boolean {
  return /^[0-9a-f]{8}$/.test(text);
}

/** An API secret: 8 to 25 characters, a lower-case letter, an upper-case letter and a digit among them. */
export function isApiSecret(text: string): boolean {
  return /^[\x21-\x7e]{8,25}$/.test(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && /[0-9]/.test(text);
}

/**
 * A signature secret: at least 32 bytes of UTF-8, so that every verifier takes it for HS256 (RFC 7518 §3.2), and at most
 * 512 characters, without white space or control characters.
 */
export function isSignatureSecret(text: string): boolean {
  return Buffer.byteLength(text, 'utf8') >= 32 && text.length <= 512 && !/[\p{Cc}\s]/u.test(text);
}

/** The most API secrets, and the most signature secrets, that may stand at a time: an old one and a new one. */
export const MAX_SECRETS = 2;
