import { randomBytes } from "node:crypto";
import { newKey } from "../http/key-format.ts";

const adminKey = "STOCKWIRE_ADMIN_KEY";
const secretsKey = "STOCKWIRE_SECRETS_KEY";

/** What is uploaded with the Worker. */
export interface NewSecrets {
  readonly values: Readonly<Record<string, string>>;
  /** Those made just now, which nobody else knows: they must be shown once. */
  readonly made: readonly string[];
}

/**
 * Secrets that the Worker lacks: from the environment, else made. One that it has is replaced only if the environment
 * gives the admin key anew; the key of all credentials is never replaced here, for what it encrypts would be lost.
 */
export function newSecrets(
  present: ReadonlySet<string>,
  environment: Readonly<Record<string, string | undefined>>,
): NewSecrets {
  const values: Record<string, string> = {};
  const made: string[] = [];
  const given = environment[adminKey];
  if (given !== undefined && given !== "") {
    values[adminKey] = given;
  } else if (!present.has(adminKey)) {
    values[adminKey] = newKey();
    made.push(adminKey);
  }
  if (!present.has(secretsKey)) {
    const known = environment[secretsKey];
    values[secretsKey] = known === undefined || known === "" ? randomBytes(32).toString("base64") : known;
    if (values[secretsKey] !== known) made.push(secretsKey);
  }
  return { values, made };
}
