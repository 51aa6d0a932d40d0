const { createRequire } = require("node:module");
const path = require("node:path");

/** A Medusa shop as it comes: one process, its own in-memory locks and events; no dashboard, which would need a build. */
const { defineConfig } = createRequire(path.join(process.cwd(), "package.json"))("@medusajs/framework/utils");

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    databaseDriverOptions: { connection: { ssl: false } },
    http: {
      storeCors: "http://localhost",
      adminCors: "http://localhost",
      authCors: "http://localhost",
      jwtSecret: "end-to-end",
      cookieSecret: "end-to-end",
    },
  },
  admin: { disable: true },
});
