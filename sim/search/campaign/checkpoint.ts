/** Keeps the file of `--resume` up to date while a campaign goes on. */

import type { CampaignPlan } from '../../cli/campaign-options.ts';
import type { Io } from '../../cli/io.ts';
import { reason } from '../../cli/print.ts';
import { quoted, UsageError } from '../../cli/usage-error.ts';
import type { Campaign } from './campaign.ts';
import { type Done, readResume, resumeText } from './resume-file.ts';

/** Real milliseconds between two writes: what a `kill -9` can cost. */
const msBetweenWrites = 3_000;

/**
 * What the file says is done, with the plan that it belongs to; nothing of it when there is no such file yet.
 *
 * @throws {UsageError} when the file is not one of this campaign.
 */
export function readCheckpoint(
  plan: CampaignPlan,
  io: Io,
): { readonly plan: CampaignPlan; readonly done?: Done } {
  if (plan.resume === undefined) return { plan };
  let text: string | undefined;
  try {
    text = io.readText(plan.resume);
  } catch (error) {
    throw new UsageError(`--resume ${quoted(plan.resume)} cannot be read: ${reason(error)}`);
  }
  return text === undefined ? { plan } : readResume(text, plan, io.codeDigest());
}

export class Checkpoint {
  readonly #plan: CampaignPlan;
  readonly #io: Io;
  readonly #code: string;
  #writtenMs: number;

  /** @throws {UsageError} when the file cannot be written: before the first run, not after the last. */
  constructor(plan: CampaignPlan, io: Io, campaign: Campaign, realMs: number) {
    this.#plan = plan;
    this.#io = io;
    this.#code = plan.resume === undefined ? '' : io.codeDigest();
    this.#writtenMs = io.nowMs();
    const error = this.write(campaign, realMs);
    if (error !== undefined) throw error;
  }

  /** Writes when the last time is long enough ago. A disk that is full for a moment is tried again later. */
  advance(campaign: Campaign, realMs: number): void {
    if (this.#plan.resume === undefined) return;
    const nowMs = this.#io.nowMs();
    if (nowMs - this.#writtenMs < msBetweenWrites) return;
    this.#writtenMs = nowMs;
    this.write(campaign, realMs);
  }

  /** Writes now. What went wrong is returned, not thrown: the runs have been made all the same. */
  write(campaign: Campaign, realMs: number): UsageError | undefined {
    const { resume } = this.#plan;
    if (resume === undefined) return undefined;
    try {
      const done = { state: campaign.state(), realMs };
      this.#io.replaceText(resume, resumeText(this.#plan, this.#code, done));
      return undefined;
    } catch (error) {
      return new UsageError(`--resume ${quoted(resume)} cannot be written: ${reason(error)}`);
    }
  }
}
