/** `jackfield openapi`: the description of the API for programs. */

import type { Command } from 'commander';
import { createOpenApiDocument } from '../../contract/openapi.ts';
import { printResult, printText } from '../output.ts';
import { readVersion } from '../version.ts';

export function defineOpenapi(command: Command): void {
  command
    .description('Print an OpenAPI document of the server, as JSON or YAML.')
    .option('--yaml', 'Print YAML')
    .option('--own', "Print that of Jackfield's own API, /jackfield/v1, in place of the contract's")
    .option('--server-url <url>', 'Where the server is, for programs that have the document from elsewhere')
    .action(async ({ yaml, own, serverUrl }: { yaml?: boolean; own?: boolean; serverUrl?: string }) => {
      const place = { version: readVersion(), ...(serverUrl !== undefined && { serverUrl }) };
      const document = own === true ? await createOwn(place) : createOpenApiDocument(place);
      if (yaml !== true) {
        await printResult(command, document, JSON.stringify(document, null, 2));
        return;
      }
      const { stringify } = await import('yaml');
      await printText(stringify(document, { aliasDuplicateObjects: false, lineWidth: 110 }));
    });
}

async function createOwn(place: { readonly version: string; readonly serverUrl?: string }): Promise<object> {
  const { createJackfieldDocument } = await import('../../contract/openapi-jackfield.ts');
  return createJackfieldDocument(place);
}
