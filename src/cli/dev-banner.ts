/** What `jackfield dev` says at its start: where it is, who may come in, and lines that work when pasted. */

import { DEV_ACCOUNT } from './dev-account.ts';
import { composePairs } from './output.ts';

/** What the banner tells of a server. */
export interface DevBanner {
  readonly version: string;
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Where the data is. */
  readonly data: string;
}

/** Where its webhooks may be beside public addresses (D41). */
export const CALLED_PLACES = 'called on loopback and in private networks too';

/** Composes the banner; it ends with an empty line. */
export function composeBanner({ version, url, metricsUrl, data }: DevBanner): string {
  const { apiKey, apiSecret, signatureSecret } = DEV_ACCOUNT;
  const pairs = composePairs([
    ['URL', url],
    ['API key', apiKey],
    ['API secret', apiSecret],
    ['Signature secret', signatureSecret],
    ['API reference', `${url}/docs`],
    ['Metrics', `${metricsUrl ?? url}/metrics`],
    ['Data', data],
    ['Webhooks', CALLED_PLACES],
  ]);
  return `
Jackfield ${version} is ready. These credentials are public: keep this server to yourself.

${pairs}

In a shell:

  curl -u ${apiKey}:${apiSecret} ${url}/v2/applications

With the official Node.js SDK, in a file such as hello.mjs beside \`npm install @vonage/server-sdk\`:

  import { Vonage } from '@vonage/server-sdk';

  const vonage = new Vonage(
    { apiKey: '${apiKey}', apiSecret: '${apiSecret}' },
    { apiHost: '${url}' },
  );
  const application = await vonage.applications.createApplication({ name: 'Hello' });
  console.log(application.id);

Ctrl-C stops the server.

`;
}
