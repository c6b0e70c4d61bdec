/** Which studies have come to their end since the last look, and ran long enough to be told of. */
import { isLive, ran, type Listed } from '../studies/brief';

export class Ends {
  private running = new Set<string>();

  /** `now`: seconds since the epoch; `least`: seconds that a study has run at least. */
  look(studies: readonly Listed[], now: number, least: number): Listed[] {
    const ended = studies.filter(
      ({ uid, live, state }) =>
        // who stops or pauses a study knows that it stands still
        this.running.has(uid) && live && (state === 'finished' || state === 'failed') && ran(live, now) >= least
    );
    const runs = studies.filter(each => isLive(each) && each.state === 'running');
    this.running = new Set(runs.map(each => each.uid));
    return ended;
  }
}
