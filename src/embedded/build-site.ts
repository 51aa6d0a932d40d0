import { ensureSite } from "./site.ts";

await ensureSite();
