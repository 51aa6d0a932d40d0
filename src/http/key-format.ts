const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const secretCharacters = 32;
const checksumCharacters = 6;

/** A new API key: `swk_`, 32 random base-62 characters (190 bits), and a checksum that tells typing errors apart. */
export function newKey(): string {
  const body = randomText(secretCharacters);
  return `swk_${body}${checksum(body)}`;
}

/** Whether a text has the form and the checksum of a key; says nothing about whether it is known. */
export function looksLikeKey(text: string): boolean {
  const match = /^swk_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/.exec(text);
  return match?.[1] !== undefined && match[2] === checksum(match[1]);
}

const idPrefix = "key_";

/** A new id of a key: it names the key, and is no secret. */
export function newKeyId(): string {
  return `${idPrefix}${randomText(12)}`;
}

/** Whether a principal's id is that of an API key. */
export function isKeyId(id: string): boolean {
  return id.startsWith(idPrefix);
}

/** Random base-62 text: 5.95 bits a character. */
export function randomText(characters: number): string {
  let text = "";
  while (text.length < characters) {
    for (const byte of crypto.getRandomValues(new Uint8Array(characters))) {
      // 248 = 4 * 62: bytes above are left out, so that every character is as likely as any other.
      if (byte < 248 && text.length < characters) text += alphabet.charAt(byte % alphabet.length);
    }
  }
  return text;
}

export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** CRC-32 (ISO 3309) in base 62, six characters. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let encoded = "";
  for (let i = 0; i < checksumCharacters; i += 1) {
    encoded = alphabet.charAt(rest % alphabet.length) + encoded;
    rest = Math.floor(rest / alphabet.length);
  }
  return encoded;
}
