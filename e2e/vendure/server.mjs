import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * A Vendure shop on better-sqlite3, run from the folder it is installed in:
 * `node server.mjs <database file> <port>`. A new database gets a country, taxes, shipping and a payment method.
 * Says `ready` when it serves.
 */
const [file, port] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), "package.json"));
const vendure = require("@vendure/core");
const { existsSync } = require("node:fs");

const isNew = !existsSync(file);
const app = await vendure.bootstrap({
  apiOptions: {
    hostname: "127.0.0.1",
    port: Number(port),
    adminApiPath: "admin-api",
    shopApiPath: "shop-api",
  },
  authOptions: {
    tokenMethod: ["bearer", "api-key"],
    requireVerification: false,
    superadminCredentials: { identifier: "superadmin", password: "superadmin" },
  },
  dbConnectionOptions: { type: "better-sqlite3", database: file, synchronize: isNew, logging: false },
  paymentOptions: { paymentMethodHandlers: [vendure.dummyPaymentHandler] },
  logger: new vendure.DefaultLogger({ level: vendure.LogLevel.Warn }),
  plugins: [],
});
if (isNew) {
  const channel = await app.get(vendure.ChannelService).getDefaultChannel();
  await app.get(vendure.Populator).populateInitialData(
    {
      defaultLanguage: vendure.LanguageCode.en,
      defaultZone: "Europe",
      countries: [{ code: "DE", name: "Germany", zone: "Europe" }],
      taxRates: [{ name: "Standard", percentage: 20 }],
      shippingMethods: [{ name: "Standard Shipping", price: 500 }],
      paymentMethods: [
        {
          name: "Dummy",
          handler: {
            code: vendure.dummyPaymentHandler.code,
            arguments: [{ name: "automaticSettle", value: "true" }],
          },
        },
      ],
      collections: [],
    },
    channel,
  );
}
// Not bootstrapWorker: in the same process it would stop the HTTP server from listening.
await app.get(vendure.JobQueueService).start();
console.log("ready");
