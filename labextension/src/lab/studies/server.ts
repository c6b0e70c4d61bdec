/** Stored studies, read by our server extension (`jupyter_hpo/server`); no kernel is needed. */
import { ServerConnection } from '@jupyterlab/services';
import type { Saved } from '../../view.js';
import type { Importance, TrialDetail } from '../../view/protocol';
import type { Place, Stored } from './brief';

export class StudyServer {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  /** The newest that are stored in a folder, so many if that is said, and whether there are more. */
  studies(folder: string, count?: number): Promise<{ studies: Stored[]; more: boolean }> {
    return this.get('studies', { path: folder, ...(count ? { count } : {}) });
  }

  study(place: Place): Promise<Saved> {
    return this.get('study', at(place));
  }

  trial(place: Place, number: number): Promise<TrialDetail> {
    return this.get('trial', { ...at(place), number });
  }

  importance(place: Place): Promise<Importance> {
    return this.get('importance', at(place));
  }

  /** The answer; an Error with a sentence for the user if there is none. */
  private async get<T>(what: string, asked: Record<string, string | number>): Promise<T> {
    const query = new URLSearchParams(Object.entries(asked).map(([k, v]) => [k, String(v)]));
    const url = `${this.settings.baseUrl}jupyter-hpo/api/${what}?${query.toString()}`;
    const answer = await ServerConnection.makeRequest(url, {}, this.settings);
    if (!answer.ok) {
      const told = (await answer.json().catch(() => ({}))) as { message?: string; reason?: string };
      throw new ServerError(answer.status, told.reason || told.message || answer.statusText);
    }
    return (await answer.json()) as T;
  }
}

export class ServerError extends Error {
  constructor(
    readonly status: number,
    message: string
  ) {
    super(message);
  }
}

function at({ folder, id }: Place): Record<string, string | number> {
  return { path: folder, id };
}
