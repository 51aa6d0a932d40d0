import type { Command } from "commander";
import { KeyBody } from "../../protocol/requests.ts";
import { UsageError } from "../exit-codes.ts";
import { onService, type Stage } from "../on-service.ts";
import { each } from "../values.ts";
import { columns } from "../views.ts";

interface CreateOptions {
  readonly scope: readonly string[];
  readonly origin?: readonly string[];
}

export function addKeys(program: Command, stage: Stage): void {
  const keys = program.command("keys").description("API keys");

  onService(
    keys.command("list").description("all keys, without the keys themselves"),
    stage,
    async (session) => {
      const all = await session.client.keys.list();
      if (session.isJson) for (const key of all) session.io.out(JSON.stringify(key));
      else {
        const rows = all.map(({ id, name, scopes, origins = [], createdAt, revokedAt }) => {
          return [id, name, scopes.join(" "), origins.join(" "), createdAt, revokedAt ?? ""];
        });
        session.io.out(columns([["id", "name", "scopes", "origins", "created", "revoked"], ...rows]));
      }
    },
  );

  const create = keys
    .command("create <name>")
    .description("make a key; it is printed this once")
    .requiredOption(
      "--scope <scope>",
      "stock:read, stock:write, channels:manage or admin; may be repeated",
      each,
    )
    .option("--origin <origin>", "makes it publishable, for pages of this origin; may be repeated", each)
    .addHelpText("after", "\nExample: stockwire keys create checkout --scope stock:read --scope stock:write");
  onService<[string], CreateOptions>(create, stage, async (session, [name], { scope, origin }) => {
    const request = KeyBody.safeParse({ name, scopes: scope, origins: origin });
    if (!request.success) throw new UsageError(request.error.issues.map(({ message }) => message).join("; "));
    const key = await session.client.keys.create(request.data);
    session.show(key, () => key.key);
    session.io.note(`${key.id} may ${key.scopes.join(", ")}; the key is not shown again`);
  });

  onService<[string]>(
    keys.command("revoke <id>").description("refused everywhere within 5 seconds"),
    stage,
    async ({ client }, [id]) => client.keys.revoke(id),
  );
}
