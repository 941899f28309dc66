/**
 * The chat example as a person sees it, in Chromium. Skipped where there is none, and never in CI. A picture of what it
 * looked like is left in `.cache/chat`.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Consumer } from '../package/consumer.ts';
import { Example, installExamples } from './support.ts';

const executablePath = process.env.LEAKTIGHT_CHROMIUM ?? '/usr/bin/chromium';
const isMissing = !existsSync(executablePath);
if (isMissing && process.env.CI === undefined) {
  console.warn(
    `SKIPPED: the chat is not tried in a browser, since there is no ${executablePath}. ` +
      'Install Chromium, or say in LEAKTIGHT_CHROMIUM where it is.',
  );
}

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Every tab is looked at in turn; one in the background must not be slowed down meanwhile.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

let consumer: Consumer;

beforeAll(async () => {
  if (!isMissing) consumer = await installExamples();
});

afterAll(() => consumer?.[Symbol.dispose]());

/** A browser of a person who has never been here. */
async function browse(): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), 'leaktight-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: quiet,
    viewport: { width: 1_000, height: 640 },
    colorScheme: 'light',
  });
  context.setDefaultTimeout(20_000);
  onTestFinished(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });
  return context;
}

async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function comeIn(context: BrowserContext, url: string, name = 'ada'): Promise<Page> {
  const page = await openTab(context, url);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Come in' }).click();
  await connected(page);
  return page;
}

const state = (page: Page) => page.getByRole('status');
const notice = (page: Page) => page.getByRole('alert');
const threadOf = (page: Page) => page.locator('body').getAttribute('data-thread');
const threads = (page: Page) => page.locator('#tabs li');

async function connected(page: Page): Promise<void> {
  await state(page).getByText('connected', { exact: true }).waitFor();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('#messages li.bot', { hasText: `“${text}”` }).waitFor();
}

async function count(page: Page, expected: string): Promise<void> {
  await page.locator('#count').getByText(expected, { exact: true }).waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  mkdirSync('.cache/chat', { recursive: true });
  await page.screenshot({ path: `.cache/chat/${name}.png` });
}

test('Chromium is installed in CI', () => {
  expect(process.env.CI !== undefined && isMissing).toBe(false);
});

describe.skipIf(isMissing)('the chat, in Chromium', () => {
  test('a browser tab keeps its thread after a reload', async () => {
    await using example = await Example.start(consumer, 'chat/server.mjs');
    const page = await comeIn(await browse(), example.url);
    await say(page, 'is there a bot');
    const thread = await threadOf(page);

    await page.reload();
    await connected(page);

    expect(await threadOf(page)).toBe(thread);
    expect(await page.locator('#messages li').allTextContents()).toEqual([
      'is there a bot',
      'You said “is there a bot”, in 4 words.',
    ]);
    await count(page, '1 of 20');
    expect(await threads(page).count()).toBe(1);
  });

  test('the page shows each tab its thread, shares a thread by its link, and keeps the others when tabs close', async () => {
    await using example = await Example.start(consumer, 'chat/server.mjs');
    const context = await browse();
    const page = await comeIn(context, example.url);
    await say(page, 'hello from the first tab');
    const others = [];
    for (let tab = 2; tab <= 5; tab += 1) {
      const other = await openTab(context, example.url);
      await connected(other);
      others.push(other);
    }
    await count(page, '5 of 20');

    const opening = context.waitForEvent('page');
    await page.getByRole('link', { name: 'This thread, another tab' }).click();
    const twin = await opening;
    await connected(twin);
    expect(await threadOf(twin)).toBe(await threadOf(page));
    await say(twin, 'hello from its twin');
    await page.locator('#messages li.you', { hasText: 'hello from its twin' }).waitFor();
    await page.locator('#tabs li.here', { hasText: '2 tabs' }).waitFor();
    await page.bringToFront();
    await picture(page, 'tabs');

    for (const other of others) await other.close();
    await expect.poll(() => threads(page).filter({ hasText: 'no tab' }).count()).toBe(4);
    await twin.close();
    await page.locator('#tabs li.here', { hasText: '1 tab' }).waitFor();

    await say(page, 'still here');
  });

  test('the page says that there is no room, and connects when there is', async () => {
    await using example = await Example.start(consumer, 'chat/server.mjs', { CHAT_TABS: '2' });
    const context = await browse();
    const page = await comeIn(context, example.url);
    const second = await openTab(context, example.url);
    await connected(second);

    const third = await openTab(context, example.url);
    await notice(third).getByText('You have as many threads as one may have').waitFor();
    expect(await notice(third).textContent()).toMatch(/Next try in \d+ s\./);
    await third.bringToFront();
    await picture(third, 'full');
    expect(await state(page).textContent()).toBe('connected');

    await second.close();
    await connected(third);
    await third.locator('#notice').waitFor({ state: 'hidden' });
  });

  test('the page says that the server is gone when it is killed, and keeps its thread when it has started again', async () => {
    const first = await Example.start(consumer, 'chat/server.mjs');
    const page = await comeIn(await browse(), first.url);
    await say(page, 'before');
    const thread = await threadOf(page);

    await first.end('SIGKILL');
    await notice(page)
      .getByText(/connection is lost|cannot be reached/)
      .waitFor();
    await notice(page).getByText('The server cannot be reached').waitFor();
    expect(await page.getByRole('button', { name: 'Send' }).isEnabled()).toBe(false);
    await picture(page, 'gone');

    const port = String(first.port);
    await using _second = await Example.start(consumer, 'chat/server.mjs', { PORT: port });
    await connected(page);

    expect(await threadOf(page)).toBe(thread);
    await say(page, 'after');
    expect(await page.locator('#messages li.you').allTextContents()).toEqual(['before', 'after']);
  });

  test('the page says that the server is going away when it drains', async () => {
    await using example = await Example.start(consumer, 'chat/server.mjs');
    const page = await comeIn(await browse(), example.url);

    expect(await example.end('SIGTERM')).toBe(0);

    await notice(page)
      .getByText(/going away for a moment|cannot be reached/)
      .waitFor();
  });

  test('the page asks for a name again when its cookie is no longer valid', async () => {
    const first = await Example.start(consumer, 'chat/server.mjs', { CHAT_SECRET: 'one' });
    const page = await comeIn(await browse(), first.url);
    await first.end('SIGKILL');

    const env = { CHAT_SECRET: 'another', PORT: String(first.port) };
    await using _second = await Example.start(consumer, 'chat/server.mjs', env);

    await page.getByLabel('Your name').waitFor();
    await picture(page, 'name');
  });
});
