package dev.grain.schedule;

import dev.grain.resource.internal.Claim;
import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Slots;

/**
 * What jobs of other heads hold on a node, as it has reported it, and the slots that are accounted
 * for that. They give way to jobs that the node has reported as started, since these are newer; the
 * node is about to report that.
 */
final class Others {
  private static final int MOST_JOBS = 1 << 16;

  private final Slots slots;

  // all written by methods of this class only
  private Holdings reported = Holdings.NONE;
  private boolean barred;
  private Claim claim = Claim.NONE;

  Others(Slots slots) {
    this.slots = slots;
  }

  void report(Holdings holdings, boolean barring) {
    reported = holdings;
    barred = barring;
  }

  /** Returns whether a job that waits there lets no younger one start. */
  boolean bar() {
    return barred;
  }

  /** Returns whether nobody else has anything on the node, or is in the way there. */
  boolean areAbsent() {
    return reported.isEmpty() && !barred;
  }

  /** Returns how many jobs they have there. */
  int jobs() {
    return Math.min(reported.jobs(), MOST_JOBS);
  }

  /** Returns whether one of their jobs has the node to itself. */
  boolean holdAlone() {
    return reported.alone();
  }

  /** Returns how many units of the kind they hold. */
  long held(Kind kind) {
    return reported.amount(kind);
  }

  // ---------------------------------------------------------------- their slots

  /** Takes slots for them anew, as far as there are some. */
  void claim() {
    release();
    claim = slots.claim(reported);
  }

  /** Has no slots accounted for them. */
  void release() {
    claim.close();
    claim = Claim.NONE;
  }

  /** Returns whether they lack slots in the accounting. */
  boolean lackSlots() {
    return !claim.isComplete() || (claim.isEmpty() && !reported.isEmpty());
  }

  /** Returns how many units of the kind are accounted for them. */
  long accounted(Kind kind) {
    return claim.amount(kind);
  }

  /** Returns whether no slots are accounted for them. */
  boolean haveNothing() {
    return claim.isEmpty();
  }
}
