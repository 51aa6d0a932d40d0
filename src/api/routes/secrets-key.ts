import { createRoute } from "@hono/zod-openapi";
import { SecretBox } from "../../channel/secrets/box.ts";
import { jsonAnswer, newRouter, problems } from "../../http/openapi.ts";
import { ledgerOf } from "../../ledger/bindings.ts";
import { listChannels } from "../../ledger/channels.ts";
import { SecretsKeyView } from "../../protocol/channel.ts";
import { serviceSecrets } from "../../storage/service-secrets.ts";

export const secretsKey = newRouter();

secretsKey.openapi(
  createRoute({
    method: "get",
    path: "/v1/secrets-key",
    tags: ["Keys"],
    summary: "Which secrets key is in use, and which channels still need another",
    description:
      "Asking has every channel seal its secrets with the present key, if it can open them. Once `isDone`, " +
      "`STOCKWIRE_SECRETS_KEY_PREVIOUS` is not needed for them any more.",
    responses: {
      200: jsonAnswer("The keys by their ids, never the keys themselves", SecretsKeyView),
      ...problems(),
    },
  }),
  async (c) => {
    const { current, previous } = await new SecretBox(serviceSecrets(c.env)).keyIds();
    const ids = await listChannels(ledgerOf(c.env).first);
    const answers = await Promise.all(
      ids.map(async (channel) => ({ channel, answer: await c.env.CHANNEL.getByName(channel).seals() })),
    );
    const waiting = answers.flatMap(({ channel, answer }) => {
      if (answer.outcome !== "found" || answer.keyIds.every((id) => id === current)) return [];
      return [{ channel, keyIds: [...answer.keyIds] }];
    });
    const before = previous === undefined ? {} : { previousKeyId: previous };
    return c.json({ keyId: current, ...before, isDone: waiting.length === 0, waiting }, 200);
  },
);
