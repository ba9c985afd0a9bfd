package dev.grain.node.link;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import dev.grain.node.CodeAccess;
import dev.grain.node.Equipment;
import dev.grain.node.Intake;
import dev.grain.node.NodeEngine;
import dev.grain.node.prepare.Logins;
import java.util.Collection;
import java.util.function.BiFunction;

/**
 * What a link has to do with one run: equipment that its jobs share, from the first of them until
 * the last one has ended after the run is over.
 *
 * <p>To be used on the node's loop.
 */
final class LinkRun {
  private final String id;
  private final Equipment equipment;
  private final Intake intake;
  private final RunLogins logins;

  // all only accessed by the loop
  private HeadLink link;
  private int open;
  private boolean over;
  private boolean closed;

  /**
   * Makes one without jobs.
   *
   * @param equip returns what its jobs need, with its id and its logins
   */
  LinkRun(
      String id, NodeEngine engine, HeadLink link, BiFunction<String, Logins, Equipment> equip) {
    this.id = id;
    this.link = link;
    this.logins = new RunLogins(id, engine.loop(), this::ask);
    this.equipment = equip.apply(id, logins);
    this.intake = new Intake(engine, link, equipment, this::ask);
  }

  private void ask(Message.NeedLogin need) {
    link.ask(need);
  }

  private void ask(Bytes hash) {
    link.ask(hash, this);
  }

  /**
   * Has it be of another link from now on.
   *
   * @param jobs those of its jobs that have not ended
   */
  void moveTo(HeadLink other, Collection<LinkJob> jobs) {
    link = other;
    intake.moveTo(other, jobs);
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
