import { runScenario } from "../lib/scenario.ts";
import { startVendure } from "./shop.ts";

process.exitCode = await runScenario(startVendure);
