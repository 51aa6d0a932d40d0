/** The location of everything that does not name one. */
export const defaultLocation = "default";
