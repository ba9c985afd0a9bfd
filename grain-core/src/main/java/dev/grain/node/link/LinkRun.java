package dev.grain.node.link;

import dev.grain.node.CodeAccess;
import dev.grain.node.Equipment;
import dev.grain.node.Intake;
import dev.grain.node.NodeEngine;

/**
 * What a link has to do with one run: equipment that its jobs share, from the first of them until
 * the last one has ended after the run is over.
 *
 * <p>To be used on the node's loop.
 */
final class LinkRun {
  private final String id;
  private final HeadLink link;
  private final Equipment equipment;
  private final Intake intake;
  private final RunLogins logins;

  // all only accessed by the loop
  private int open;
  private boolean over;
  private boolean closed;

  LinkRun(String id, NodeEngine engine, HeadLink link, Equipment equipment, RunLogins logins) {
    this.id = id;
    this.link = link;
    this.equipment = equipment;
    this.logins = logins;
    this.intake = new Intake(engine, link, equipment, hash -> link.ask(hash, this));
  }

  String id() {
    return id;
  }

  Intake intake() {
    return intake;
  }

  RunLogins logins() {
    return logins;
  }

  CodeAccess code() {
    return equipment.code();
  }

  void onAdded() {
    open++;
  }

  /** One of its jobs has ended, or was given back. */
  void onGone() {
    open--;
    closeIfLeft();
  }

  /**
   * No more of its jobs come.
   *
   * @param why a sentence for those who wait for a login
   */
  void end(String why) {
    over = true;
    logins.end(why);
    closeIfLeft();
  }

  private void closeIfLeft() {
    if (over && open == 0 && !closed) {
      closed = true;
      equipment.close();
      link.onClosed(this);
    }
  }
}
