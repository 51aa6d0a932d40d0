/** The secrets that the service derives keys from. */
export interface ServiceSecrets {
  /** What everything new is sealed and signed with. */
  readonly current: string;
  /** The one before it, while it is being replaced: opens what was sealed with it, and seals nothing. */
  readonly previous?: string | undefined;
}

/** `STOCKWIRE_SECRETS_KEY`, and `STOCKWIRE_SECRETS_KEY_PREVIOUS` if that is set: see docs/operations.md. */
export function serviceSecrets(env: { readonly STOCKWIRE_SECRETS_KEY: string }): ServiceSecrets {
  const previous: unknown = Reflect.get(env, "STOCKWIRE_SECRETS_KEY_PREVIOUS");
  const isSet = typeof previous === "string" && previous !== "" && previous !== env.STOCKWIRE_SECRETS_KEY;
  return { current: env.STOCKWIRE_SECRETS_KEY, previous: isSet ? previous : undefined };
}
