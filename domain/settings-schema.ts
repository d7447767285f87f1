/** The JSON schema of the configuration file, by which editors complete and check `faultline.config.json`. */
import { configFileSchema } from "./config-file.ts";
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";

export function settingsJsonSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Settings of Faultline",
    ...jsonSchemaOf(configFileSchema),
  };
}
