/** `jackfield openapi`: the description of the API for programs. */

import type { Command } from 'commander';
import { createOpenApiDocument } from '../../contract/openapi.ts';
import { printResult, printText } from '../output.ts';
import { readVersion } from '../version.ts';

export function defineOpenapi(command: Command): void {
  command
    .description('Print the OpenAPI document of the server, as JSON or YAML.')
    .option('--yaml', 'Print YAML')
    .option('--server-url <url>', 'Where the server is, for programs that have the document from elsewhere')
    .action(async ({ yaml, serverUrl }: { yaml?: boolean; serverUrl?: string }) => {
      const document = createOpenApiDocument({
        version: readVersion(),
        ...(serverUrl !== undefined && { serverUrl }),
      });
      if (yaml !== true) {
        await printResult(command, document, JSON.stringify(document, null, 2));
        return;
      }
      const { stringify } = await import('yaml');
      await printText(stringify(document, { aliasDuplicateObjects: false, lineWidth: 110 }));
    });
}
