import { inNamespace, labelled, named, notExempt, ofKind } from "../../../core/targeting/checks/scope.ts";
import { namespaceStays, notBlackedOut } from "../../../core/targeting/checks/state.ts";
import type { PreflightFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { checkGate } from "../hit.ts";

/** The policy reaches what would be hit: namespace, kind, labels, exemptions, blackouts. */
export const scopeGate = (facts: PreflightFacts): Gate =>
  checkGate("scope", facts, [inNamespace, ofKind, named, labelled, notExempt, namespaceStays, notBlackedOut]);
