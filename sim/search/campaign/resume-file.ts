/**
 * The file of `--resume`: how far a campaign has come, as JSON. It is written aside and renamed, so that it is whole at
 * every moment, and it is never written over before it was understood.
 */

import { createHash } from 'node:crypto';
import type { CampaignPlan } from '../../cli/campaign-options.ts';
import { quoted, UsageError } from '../../cli/usage-error.ts';
import type { CampaignState } from './campaign.ts';
import { formatShard } from './seed-plan.ts';

const format = 1;

/** What makes it the same campaign. How many runs or minutes are asked for is no part of it: more may be asked later. */
interface CampaignKey {
  readonly scenario: string;
  readonly bug: string | null;
  readonly seed: number;
  readonly shard: string;
  readonly checkDeterminism: boolean;
  /** Digest of the sources that make the runs: what other code did says nothing of this one. */
  readonly code: string;
}

export interface Done {
  readonly state: CampaignState;
  /** Real milliseconds that it took so far. */
  readonly realMs: number;
}

interface File extends Done {
  readonly format: number;
  readonly campaign: CampaignKey;
  /** SHA-256 of the rest, as JSON: a file that was cut off or edited is not gone on with. */
  readonly checksum: string;
}

/** The text of a file that says what is done. */
export function resumeText(plan: CampaignPlan, code: string, done: Done): string {
  const body = { format, campaign: keyOf(plan, code), ...done };
  return `${JSON.stringify({ ...body, checksum: checksumOf(body) })}\n`;
}

/**
 * Understands such a text, and takes the seed from it when none was given.
 *
 * @throws {UsageError} when it is not whole, of another version, or of another campaign.
 */
export function readResume(
  text: string,
  plan: CampaignPlan,
  code: string,
): { readonly plan: CampaignPlan; readonly done: Done } {
  const { checksum, ...body } = parse(text, plan);
  if (body.format !== format) {
    throw refusal(plan, `has format ${quoted(String(body.format))}, and this is format ${format}`);
  }
  if (checksum !== checksumOf(body)) throw refusal(plan, 'is not whole: its checksum is wrong');
  const { campaign, state, realMs } = body;
  const same = plan.isSeedGiven ? plan : { ...plan, seed: campaign.seed };
  const asked = keyOf(same, code);
  for (const name of Object.keys(asked) as (keyof CampaignKey)[]) {
    if (asked[name] === campaign[name]) continue;
    throw refusal(plan, differenceText(name, campaign[name], asked[name]));
  }
  return { plan: same, done: { state, realMs } };
}

function keyOf(plan: CampaignPlan, code: string): CampaignKey {
  return {
    scenario: plan.family.name,
    bug: plan.bug ?? null,
    seed: plan.seed,
    shard: formatShard(plan.shard),
    checkDeterminism: plan.checksAll,
    code,
  };
}

function parse(text: string, plan: CampaignPlan): File {
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file === 'object' && file !== null) return file as File;
  } catch (error) {
    throw refusal(plan, `is not whole: ${(error as Error).message}`);
  }
  throw refusal(plan, 'is not a file of a campaign');
}

function checksumOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}

function differenceText(name: keyof CampaignKey, was: unknown, is: unknown): string {
  if (name === 'code') return 'was made by other code; the runs of both cannot be added up';
  const option = name === 'checkDeterminism' ? '--check-determinism' : `--${name}`;
  return `is of another campaign: ${option} ${String(was ?? 'none')}, asked for ${String(is ?? 'none')}`;
}

function refusal({ resume = '' }: CampaignPlan, what: string): UsageError {
  return new UsageError(
    `--resume ${quoted(resume)} ${what}; it was left as it is, give another file`.replaceAll(
      '\n',
      ' ',
    ),
  );
}
