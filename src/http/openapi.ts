/** The routes that answer the OpenAPI documents, each as JSON and as YAML. */

import type { FastifyInstance } from 'fastify';
import { registerDocument } from './document.ts';

/**
 * Serves `/openapi.*` and `/jackfield/openapi.*`, open to everybody; they are made on first request, so that neither
 * the schemas nor the YAML writer cost anything at start.
 */
export function registerOpenApi(app: FastifyInstance, { version }: { readonly version: string }): void {
  registerBothForms(app, '/openapi', async () => {
    const { createOpenApiDocument } = await import('../contract/openapi.ts');
    return createOpenApiDocument({ version });
  });
  registerBothForms(app, '/jackfield/openapi', async () => {
    const { createJackfieldDocument } = await import('../contract/openapi-jackfield.ts');
    return createJackfieldDocument({ version });
  });
}

function registerBothForms(app: FastifyInstance, url: string, createDocument: () => Promise<object>): void {
  registerDocument(app, {
    url: `${url}.json`,
    contentType: 'application/json; charset=utf-8',
    load: async () => JSON.stringify(await createDocument()),
  });
  registerDocument(app, {
    url: `${url}.yaml`,
    // RFC 9512
    contentType: 'application/yaml; charset=utf-8',
    load: async () => {
      const { stringify } = await import('yaml');
      return stringify(await createDocument(), { aliasDuplicateObjects: false, lineWidth: 110 });
    },
  });
}
