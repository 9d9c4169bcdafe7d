/** A real Chromium for tests: the one of the machine, headless, with an empty profile and no traffic of its own. */

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const HOW_TO_INSTALL =
  'no Chromium found: install it (Debian: apt-get install chromium) or name one in JACKFIELD_CHROMIUM';

/** Runs in the page before anything else. */
const COLLECT_VIOLATIONS = `globalThis.refused = [];
addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
  refused.push(effectiveDirective + ': ' + blockedURI);
});`;

/** Where Chromium is, or undefined. */
const executablePath = [process.env['JACKFIELD_CHROMIUM'], ...CANDIDATES].find(
  (path) => path !== undefined && existsSync(path),
);

/**
 * What `describe` takes as `skip`: why browser tests cannot run here, or false.
 *
 * With `JACKFIELD_REQUIRE_BROWSER=1` they run whatever is here, and fail without a browser.
 */
export const skipWithoutChromium: string | false =
  executablePath === undefined && process.env['JACKFIELD_REQUIRE_BROWSER'] !== '1' ? HOW_TO_INSTALL : false;

/** A page, and all that went wrong on it so far. */
export interface WatchedPage extends AsyncDisposable {
  readonly page: Page;
  /** Addresses asked for outside of the server. */
  readonly foreign: readonly string[];
  /** Errors of the console and of scripts. */
  readonly errors: readonly string[];
  /** What the content security policy refused (CSP Level 3 §5.3). */
  violations(): Promise<readonly string[]>;
}

/**
 * Opens an empty page in a browser of its own.
 *
 * @param origin requests to anywhere else are noted as foreign.
 */
export async function openPage(
  origin: string,
  { colorScheme = 'light', width = 1280 }: { colorScheme?: 'light' | 'dark'; width?: number } = {},
): Promise<WatchedPage> {
  if (executablePath === undefined) throw new Error(HOW_TO_INSTALL);
  const profile = await mkdtemp(join(tmpdir(), 'jackfield-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ARGUMENTS,
    colorScheme,
    viewport: { width, height: 900 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const foreign: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) foreign.push(url);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.addInitScript({ content: COLLECT_VIOLATIONS });
  return {
    page,
    foreign,
    errors,
    violations: () => page.evaluate('refused'),
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
