/** The whole story, in the order of time. */
import type { Cast } from '../cast.ts';
import { Dice } from '../dice.ts';
import type { Deed, LogEvents, LogId, Side, Story } from './deed.ts';
import { tellEntering } from './entering.ts';
import { tellImplant } from './implant.ts';
import { tellLookAlikes, tellPast } from './look-alikes.ts';
import { tellReading } from './reading.ts';
import { tellLastSteps, tellResponse } from './response.ts';
import { chooseRepositories, type Taken, tellSourceCode } from './source-code.ts';

export interface Told {
  deeds: readonly Deed[];
  taken: Taken;
}

export function tellStory(cast: Cast, seed: string): Told {
  const deeds: Deed[] = [];
  const dice = new Dice(`${seed}:story`);
  const storyOf = (side: Side): Story => ({
    cast,
    dice,
    tell: <Id extends LogId>(at: number, act: string, log: Id, event: LogEvents[Id]) => {
      // A deed of one log is a deed of some log: the pairing was checked at the call.
      deeds.push({ at, act, side, log, event } as Deed);
    },
  });
  const taken = chooseRepositories(cast, dice);
  const attack = storyOf('attack');
  tellEntering(attack);
  tellReading(attack);
  tellImplant(attack);
  tellSourceCode(attack, taken);
  tellLastSteps(attack);
  tellResponse(storyOf('response'));
  tellLookAlikes(storyOf('look-alike'));
  tellPast(storyOf('past'));
  // Stable, so that deeds of the same moment stay in the order of their telling.
  deeds.sort((one, other) => one.at - other.at);
  return { deeds, taken };
}
