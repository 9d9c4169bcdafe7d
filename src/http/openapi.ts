/** The routes that answer the OpenAPI document, as JSON and as YAML. */

import type { FastifyInstance } from 'fastify';
import { registerDocument } from './document.ts';

/**
 * Serves `/openapi.json` and `/openapi.yaml`, open to everybody; both are made on first request, so that neither the
 * schemas nor the YAML writer cost anything at start.
 */
export function registerOpenApi(app: FastifyInstance, { version }: { readonly version: string }): void {
  const createDocument = async () => {
    const { createOpenApiDocument } = await import('../contract/openapi.ts');
    return createOpenApiDocument({ version });
  };
  registerDocument(app, {
    url: '/openapi.json',
    contentType: 'application/json; charset=utf-8',
    load: async () => JSON.stringify(await createDocument()),
  });
  registerDocument(app, {
    url: '/openapi.yaml',
    // RFC 9512
    contentType: 'application/yaml; charset=utf-8',
    load: async () => {
      const { stringify } = await import('yaml');
      return stringify(await createDocument(), { aliasDuplicateObjects: false, lineWidth: 110 });
    },
  });
}
