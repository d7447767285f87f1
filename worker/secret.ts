/** Comparing and signing secrets: in constant time, and never in a form that could be logged. */

const encoder = new TextEncoder();

/**
 * Whether two texts are equal, in a time that tells nothing about either: both are hashed first, so that lengths and common
 * beginnings do not show, and all 32 bytes of the hashes are compared.
 */
export async function isSameSecret(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([sha256(a), sha256(b)]);
  let difference = 0;
  for (let at = 0; at < left.length; at += 1) difference |= left[at]! ^ right[at]!;
  return difference === 0;
}

/** HMAC-SHA256 of a text under a key that is itself derived from a secret for one `purpose`, in base64url. */
export async function signature(secret: string, purpose: string, text: string): Promise<string> {
  const derived = await hmac(encoder.encode(secret), purpose);
  const bytes = await hmac(derived, text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

async function hmac(key: Uint8Array, text: string): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}
