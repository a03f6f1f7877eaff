/** Which credentials of the inventory an advisory, or a decision to assume the worst, exposes. */
import { type CredentialClass, credentialClasses } from '../../connectors/contract.ts';
import { FirebreakError } from '../../kernel/errors.ts';
import { type Advisory, exposuresOf, supplierIds, windowOf } from '../advisory/index.ts';
import type { Context } from '../context.ts';
import { type ExposedClass, exposeByAdvisory, exposeByScope } from './store.ts';
import type { MatchSummary, Scope } from './types.ts';

/** Exposes what the advisory's supplier held, by class and window. May be repeated: it adds what is new. */
export async function matchAdvisory(
  context: Context,
  incidentId: string,
  advisory: Advisory,
): Promise<MatchSummary> {
  const classes = credentialClasses.flatMap((name): ExposedClass[] => {
    const window = windowOf(advisory, name);
    return window ? [{ class: name, to: window.to }] : [];
  });
  const suppliers = supplierIds(advisory);
  const explanation = `${advisory.supplier.name} held credentials of this class in the window (${describeExposed(advisory)})`;
  return context.db.transaction().execute(async (tx) => {
    const at = context.clock.now();
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      {
        kind: 'exposure.matched',
        actor: context.actor,
        incidentId,
        subject: incidentId,
        data: { advisory: advisory.id, suppliers, classes },
      },
    ]);
    return exposeByAdvisory(tx, {
      incidentId,
      advisoryId: advisory.id,
      suppliers,
      classes,
      explanation,
      seq,
      at,
    });
  });
}

/** Exposes all that is in the scope: in doubt the worst is assumed, and who decided so is written down. */
export async function exposeAsPrecaution(
  context: Context,
  incidentId: string,
  advisory: Advisory,
  input: { scope: Scope; reason: string },
): Promise<MatchSummary> {
  const named = Object.entries(input.scope).filter(([, value]) => value !== undefined);
  if (named.length === 0)
    throw new FirebreakError(
      'bad_input',
      'a precaution needs a scope: environment=, system=, class= or owner=',
    );
  const source = named
    .map(([field, value]) => `${field}=${value}`)
    .sort()
    .join(' ');
  const until =
    input.scope.class === undefined
      ? windowOf(advisory).to
      : (windowOf(advisory, input.scope.class as CredentialClass) ?? windowOf(advisory)).to;
  return context.db.transaction().execute(async (tx) => {
    const at = context.clock.now();
    const data = { scope: input.scope, reason: input.reason };
    const [seq = 0] = await context.ledger.appendWithin(tx, [
      { kind: 'exposure.precaution', actor: context.actor, incidentId, subject: incidentId, data },
    ]);
    const explanation = `assumed exposed by ${context.actor}: ${input.reason}`;
    return exposeByScope(tx, { incidentId, scope: input.scope, until, source, explanation, seq, at });
  });
}

function describeExposed(advisory: Advisory): string {
  const places = new Set(
    credentialClasses.flatMap((name) => exposuresOf(advisory, name)).map((exposed) => exposed.where),
  );
  return [...places].join('; ');
}
