/** How long a shard has what it was granted. A shard that is lost for so long loses it, and so do its buyers. */
export const leaseMs = 4 * 86_400_000;

/** A lease with less left is renewed. It leaves room for the longest hold (a day) and for a day without an answer. */
export const renewBelowMs = 2 * 86_400_000;
