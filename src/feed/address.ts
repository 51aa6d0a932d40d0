import { shardOf } from "../storage/shard.ts";

/** Feeds in each region that answer reads: each knows the SKUs of its share. */
const readShards = 8;

/** The region of the world that a request came from (its `cf` object), as Durable Objects' location hints name them. */
export function regionOf(cf: object | undefined): DurableObjectLocationHint {
  const longitude = cf !== undefined && "longitude" in cf ? Number(cf.longitude) : 0;
  switch (cf !== undefined && "continent" in cf && cf.continent) {
    case "NA":
      return longitude < -100 ? "wnam" : "enam";
    case "SA":
      return "sam";
    case "EU":
      return longitude > 20 ? "eeur" : "weur";
    case "AS":
      return longitude < 60 ? "me" : "apac";
    case "OC":
      return "oc";
    case "AF":
      return "afr";
    default:
      return "weur";
  }
}

/** The feed that answers reads of a SKU in a region. */
export function readFeedName(region: string, sku: string): string {
  return `read:${region}:${shardOf(sku, readShards)}`;
}

/** A feed that takes another socket in a region, one of so many; `random` is from 0 to 1. */
export function liveFeedName(region: string, feeds: number, random: number): string {
  return `live:${region}:${Math.floor(random * feeds)}`;
}
