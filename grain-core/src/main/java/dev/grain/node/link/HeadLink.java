package dev.grain.node.link;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Link;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.node.Equipment;
import dev.grain.node.JobSource;
import dev.grain.node.NodeEngine;
import dev.grain.node.NodeJob;
import dev.grain.node.prepare.Logins;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;
import dev.grain.session.Session;
import dev.grain.session.SessionLimits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The node's side of the link with one head: the jobs that came over it, and what their runs need.
 * To be used on the node's loop.
 *
 * <p>The run of the detached jobs of a head, if there is one, outlives the link: it {@linkplain
 * #takeOver moves} to the next one, which may be without a connection. The ends of its jobs are
 * kept until they are settled.
 */
public final class HeadLink implements JobSource, Session.Owner<Message.ToNode> {
  /** From how many bytes on a value is large enough to report before that the slots are free. */
  public static final long LARGE_VALUE = SessionLimits.MOST_SMALL;

  /** How much output is kept while there is no connection, in bytes. */
  private static final long MOST_OUTPUT = 1 << 20;

  private final NodeEngine engine;
  private final BiFunction<String, Logins, Equipment> equip;
  private final long large;
  private final String keptRun;
  private final long mostKept;
  private final Consumer<Message.Drain> onDrain;
  private final Disowned disowned = new Disowned();

  // all only accessed by the loop
  private @Nullable Link<Message.ToHead> link;
  private final Map<Long, LinkJob> jobs = new HashMap<>();
  // those that are not over, by their ids, and all that are not closed
  private final SequencedMap<String, LinkRun> runs = new LinkedHashMap<>();
  private final SequencedSet<LinkRun> unclosed = new LinkedHashSet<>();
  // that of the last order; most are of the same run as the one before
  private @Nullable LinkRun lastRun;
  // those that have asked for code that has not come, by its hash
  private final SequencedMap<Bytes, SequencedSet<LinkRun>> asking = new LinkedHashMap<>();
  // those that have started since the last flush, of which the head was not notified
  private final List<LinkJob> newlyStarted = new ArrayList<>();
  // of the run that outlives the link: those that have not ended, in the order in which they came,
  // and the ends that are not settled
  private final SequencedMap<Long, LinkJob> kept = new LinkedHashMap<>();
  private final SequencedMap<AttemptOf, Message.Ended> ends = new LinkedHashMap<>();
  private long endBytes;
  // what was printed while there is no connection, or before, and the head has not received
  private final List<Message.Output> outputs = new ArrayList<>();
  private long outputBytes;
  private @Nullable Runnable whenSettled;
  private boolean left;

  /** An attempt of a job, by its number in messages. */
  private record AttemptOf(long job, int attempt) {}

  /**
   * Makes the node's side of a link.
   *
   * @param engine the engine of the node
   * @param equip returns what the jobs of a run need, by the id of the run and with its logins;
   *     called when its first order comes
   * @param large from how many bytes on a value takes so long on the link that the slots are
   *     reported as free before
   */
  public HeadLink(NodeEngine engine, BiFunction<String, Logins, Equipment> equip, long large) {
    this(engine, equip, large, "", Long.MAX_VALUE, _ -> {});
  }

  /**
   * Makes the node's side of a link with a head that has detached jobs; see {@link
   * #HeadLink(NodeEngine, BiFunction, long)}.
   *
   * @param keptRun the id of their run, which outlives the link; empty if there is none
   * @param mostKept how many bytes the ends of its jobs may take before no more jobs start
   * @param onDrain called when the head wants the worker to end
   */
  public HeadLink(
      NodeEngine engine,
      BiFunction<String, Logins, Equipment> equip,
      long large,
      String keptRun,
      long mostKept,
      Consumer<Message.Drain> onDrain) {
    this.engine = engine;
    this.equip = equip;
    this.large = large;
    this.keptRun = keptRun;
    this.mostKept = mostKept;
    this.onDrain = onDrain;
  }

  /** Sets the way to the head; to be called once, and before there are orders. */
  public void open(Link<Message.ToHead> link) {
    this.link = link;
    engine.attach(this);
    if (!keptRun.isEmpty()) {
      tellHeld();
    }
  }

  private Link<Message.ToHead> link() {
    return Objects.requireNonNull(link, "The link is not open");
  }

  private boolean isConnected() {
    return !left && link != null;
  }

  private void send(Message.ToHead message) {
    if (isConnected()) {
      link().send(message);
    }
  }

  // ---------------------------------------------------------------- what outlives a link

  /** Returns whether something is here that the next link has to take over. */
  boolean keepsSomething() {
    return !kept.isEmpty() || !ends.isEmpty();
  }

  /** Returns how many jobs there are of the run that outlives the link. */
  int keptJobs() {
    return kept.size();
  }

  /** Returns whether there are ends that are not settled. */
  boolean hasUnsettled() {
    return !ends.isEmpty();
  }

  /** Returns the ends that are not settled. */
  List<Message.Ended> unsettled() {
    return List.copyOf(ends.values());
  }

  /** Calls back once, when {@link #hasUnsettled} no longer holds. */
  void whenSettled(Runnable action) {
    whenSettled = action;
  }

  /**
   * Takes over the run that outlives links, with all that the other one has of it. To be called
   * before this link is opened.
   */
  void takeOver(HeadLink former) {
    LinkRun run = former.runs.remove(keptRun);
    former.lastRun = null;
    if (run != null) {
      former.unclosed.remove(run);
      runs.put(keptRun, run);
      unclosed.add(run);
      kept.putAll(former.kept);
      kept.keySet().forEach(former.jobs::remove);
      former.kept.clear();
      jobs.putAll(kept);
      former.asking.forEach((hash, those) -> {
        if (those.remove(run)) {
          asking.computeIfAbsent(hash, _ -> new LinkedHashSet<>()).add(run);
        }
      });
      former.asking.values().removeIf(SequencedSet::isEmpty);
      former.newlyStarted.removeIf(job -> job.run() == run);
      run.moveTo(this, kept.values());
    }
    former.ends.values().forEach(this::keep);
    former.ends.clear();
    former.endBytes = 0;
    outputs.addAll(former.outputs);
    outputBytes = former.outputBytes;
    former.outputs.clear();
    former.outputBytes = 0;
    engine.batchEnded();
  }

  /**
   * Keeps what jobs have printed that go on after the session, or have ended and are not settled.
   * What the head may have received is not among it, so nothing is in a log twice.
   *
   * @param unsent what the head has not received
   */
  void keepOutput(List<Message> unsent) {
    for (Message each : unsent) {
      if (each instanceof Message.Output output && isKept(output.job(), output.attempt())) {
        outputs.add(output);
        outputBytes += output.text().length();
      }
    }
  }

  private boolean isKept(long number, int attempt) {
    LinkJob job = kept.get(number);
    return (job != null && job.order().attempt() == attempt)
        || ends.containsKey(new AttemptOf(number, attempt));
  }

  private void keep(Message.Ended end) {
    ends.put(new AttemptOf(end.job(), end.attempt()), end);
    endBytes += size(end.end());
  }

  /** Sends the head what is here of its detached jobs, and asks again for what they wait for. */
  private void tellHeld() {
    List<LinkJob> started = kept.values().stream().filter(job -> job.started).toList();
    for (LinkJob job : started) {
      job.startUntold = false;
      tellHolding(job, Message.Held.RUNNING, job.fractions(), job.ranSoFar(engine.loop().now()));
    }
    for (AttemptOf each : ends.keySet()) {
      send(new Message.Holding(each.job, each.attempt, Message.Held.ENDED, Fractions.NONE, 0));
    }
    kept.values().stream()
        .filter(job -> !job.started)
        .forEach(job -> tellHolding(job, Message.Held.WAITING, Fractions.NONE, 0));
    send(new Message.HoldingAll());
    for (LinkJob job : started) {
      if (job.stubbornAtLimit != null) {
        onNotStopping(job, job.stubbornAtLimit);
      }
    }
    asking.keySet().forEach(hash -> send(new Message.NeedCode(hash)));
    runs.values().forEach(run -> run.logins().askAgain());
    outputs.forEach(this::send);
    outputs.clear();
    outputBytes = 0;
    ends.values().forEach(this::send);
    flush();
  }

  private void tellHolding(LinkJob job, Message.Held held, Fractions fractions, long ran) {
    Order order = job.order();
    send(new Message.Holding(order.number(), order.attempt(), held, fractions, ran));
  }

  private void onSettled(long number, int attempt) {
    Message.Ended end = ends.remove(new AttemptOf(number, attempt));
    if (end != null) {
      endBytes -= size(end.end());
      Runnable action = whenSettled;
      if (ends.isEmpty() && action != null) {
        whenSettled = null;
        action.run();
      }
      return;
    }
    LinkJob job = find(number, attempt);
    if (job != null && kept.remove(number, job)) {
      jobs.remove(number);
      newlyStarted.remove(job);
      job.run().intake().disown(job, disowned);
    }
  }

  // ---------------------------------------------------------------- messages from the head

  @Override
  public void received(Message.ToNode message) {
    switch (message) {
      case Order order -> onOrder(order);
      case Message.TakeBack(long number, int attempt) -> {
        LinkJob job = find(number, attempt);
        if (job != null && job.run().intake().takeBack(job)) {
          onReturned(job);
        }
      }
      case Message.Stop(long number, int attempt) -> {
        LinkJob job = find(number, attempt);
        if (job != null) {
          job.run().intake().stop(job);
        }
      }
      case Message.Settled(long number, int attempt) -> onSettled(number, attempt);
      case Message.CodeContent(Bytes hash, Bytes content) ->
          takeAsking(hash).forEach(run -> run.code().onContent(hash, content));
      case Message.CodeMissing(Bytes hash, String reason) -> onMissing(hash, reason);
      case Message.LoginAnswer answer -> onLogin(answer);
      case Message.RunOver(String run) -> onRunOver(run);
      case Message.Drain drain -> onDrain.accept(drain);
    }
  }

  private void onOrder(Order order) {
    LinkRun run = runOf(order);
    LinkJob job = new LinkJob(order, run);
    jobs.put(order.number(), job);
    if (run.id().equals(keptRun)) {
      kept.put(order.number(), job);
    }
    run.onAdded();
    run.intake().take(job);
  }

  private LinkRun runOf(Order order) {
    LinkRun run = lastRun;
    if (run == null || !run.id().equals(order.run())) {
      run = runs.computeIfAbsent(order.run(), this::begin);
      lastRun = run;
    }
    return run;
  }

  private LinkRun begin(String id) {
    LinkRun run = new LinkRun(id, engine, this, equip);
    unclosed.add(run);
    return run;
  }

  void onClosed(LinkRun run) {
    unclosed.remove(run);
  }

  private void onRunOver(String id) {
    LinkRun run = runs.remove(id);
    if (run != null) {
      lastRun = null;
      run.end("The run has ended.");
    }
  }

  /** A run needs code. */
  void ask(Bytes hash, LinkRun run) {
    asking.computeIfAbsent(hash, _ -> new LinkedHashSet<>()).add(run);
    send(new Message.NeedCode(hash));
    flush();
  }

  /** A run needs a login. */
  void ask(Message.NeedLogin need) {
    send(need);
    flush();
  }

  private void onLogin(Message.LoginAnswer answer) {
    LinkRun run = runs.get(answer.run());
    if (run != null) {
      run.logins().onAnswer(answer);
    }
  }

  /** Returns the runs that have asked for the code, which need ask no more. */
  private Collection<LinkRun> takeAsking(Bytes hash) {
    SequencedSet<LinkRun> those = asking.remove(hash);
    return those == null ? List.of() : those;
  }

  private void onMissing(Bytes hash, String reason) {
    takeAsking(hash).forEach(run -> run.code().onMissing(hash, reason));
  }

  /** The head asked for something that is too large for this node; its job cannot run here. */
  @Override
  public void refused(Message.ToNode message, long length) {
    if (message instanceof Order order) {
      send(
          new Message.Ended(
              order.number(),
              order.attempt(),
              new AttemptEnd.NotStarted(
                  String.format(
                      Locale.ROOT,
                      "could not take it: its arguments are %,d bytes, above this worker's limit (two fifths "
                          + "of its heap); send less, pass the name of a file, or give the worker "
                          + "a larger heap",
                      length)),
              0));
      flush();
    } else if (message instanceof Message.CodeContent content) {
      onMissing(
          content.hash(),
          String.format(Locale.ROOT, "It is %,d bytes, above this worker's limit.", length));
    } else if (message instanceof Message.LoginAnswer answer) {
      String reason =
          String.format(
              Locale.ROOT,
              "The login for %s is %,d bytes, above this worker's limit.",
              answer.target(),
              length);
      onLogin(
          new Message.LoginAnswer(
              answer.run(), answer.service(), answer.target(), new LoginResult.Refused(reason)));
    }
  }

  /** Lets the engine start what fits, and sends what is to be sent. */
  @Override
  public void batchEnded() {
    engine.batchEnded();
    flush();
  }

  @Override
  public void congestionEnded() {
    engine.batchEnded();
  }

  private @Nullable LinkJob find(long number, int attempt) {
    LinkJob job = jobs.get(number);
    return job != null && job.order().attempt() == attempt ? job : null;
  }

  // ---------------------------------------------------------------- messages to the head

  /**
   * Reports it with the next flush: for a job that has ended by then, its end suffices. Unless it
   * has a part of a core, a GPU, or a unit with an id, which must be reported to the head in the
   * order of events.
   */
  @Override
  public void onStarted(NodeJob started, Fractions fractions) {
    LinkJob job = (LinkJob) started;
    job.started = true;
    job.startUntold = true;
    if (fractions.equals(Fractions.NONE)) {
      newlyStarted.add(job);
    } else {
      tellStart(job);
    }
  }

  private void tellStart(LinkJob job) {
    if (job.startUntold) {
      job.startUntold = false;
      send(new Message.Started(job.order().number(), job.order().attempt(), job.fractions()));
    }
  }

  @Override
  public void onPreparing(NodeJob job, String phase) {
    send(new Message.Preparing(job.order().number(), job.order().attempt(), phase));
  }

  @Override
  public void onReturned(NodeJob job) {
    jobs.remove(job.order().number());
    kept.remove(job.order().number());
    send(new Message.Returned(job.order().number(), job.order().attempt()));
    ((LinkJob) job).run().onGone();
  }

  @Override
  public void onEnded(NodeJob ended, AttemptEnd end, long ran) {
    LinkJob job = (LinkJob) ended;
    Order order = job.order();
    jobs.remove(order.number());
    Message.Ended message = new Message.Ended(order.number(), order.attempt(), end, ran);
    if (kept.remove(order.number(), job) && !left) {
      keep(message);
    }
    if (size(end) >= large) {
      tellStart(job);
      send(new Message.Freed(order.number(), order.attempt(), ran));
    }
    job.startUntold = false;
    send(message);
    job.run().onGone();
  }

  private static long size(AttemptEnd end) {
    return switch (end) {
      case AttemptEnd.Value(Bytes value) -> value.length();
      case AttemptEnd.Failure(Bytes failure, String _) -> failure.length();
      case AttemptEnd.TimedOut _,
          AttemptEnd.OutOfMemory _,
          AttemptEnd.Cancelled _,
          AttemptEnd.NotStarted _,
          AttemptEnd.Unable _,
          AttemptEnd.Unprepared _ ->
          0;
    };
  }

  @Override
  public void onNotStopping(NodeJob refusing, boolean timedOut) {
    LinkJob job = (LinkJob) refusing;
    job.stubbornAtLimit = timedOut;
    tellStart(job);
    send(new Message.NotStopping(job.order().number(), job.order().attempt(), timedOut));
  }

  @Override
  public boolean isCongested() {
    return (link != null && link.isCongested()) || endBytes > mostKept;
  }

  @Override
  public boolean takesOutput() {
    return link == null ? outputBytes < MOST_OUTPUT : !link.isCongested();
  }

  @Override
  public void onOutput(NodeJob job, Bytes text, boolean error) {
    tellStart((LinkJob) job);
    Message.Output output =
        new Message.Output(job.order().number(), job.order().attempt(), text, error);
    if (link == null) {
      outputs.add(output);
      outputBytes += text.length();
    } else {
      send(output);
    }
  }

  @Override
  public void onOutputLeftOut(NodeJob job, long bytes, boolean error) {
    String note =
        ("[... %s bytes of output were dropped: the connection to the program was lost or too slow "
                + "...]\n")
            .formatted(bytes);
    onOutput(job, Bytes.utf8(note), error);
  }

  @Override
  public void onDraining() {
    send(new Message.Draining());
  }

  @Override
  public void onOthersHold(Holdings holdings, boolean barred) {
    send(new Message.OthersHold(holdings, barred));
  }

  @Override
  public void flush() {
    if (!newlyStarted.isEmpty()) {
      newlyStarted.forEach(this::tellStart);
      newlyStarted.clear();
    }
    if (isConnected()) {
      link().flush();
    }
  }

  // ---------------------------------------------------------------- the end

  /**
   * The head is gone: its jobs are stopped, and nothing is sent to it any more. What its runs need
   * is closed when the last of their jobs has ended.
   */
  public void leave() {
    left = true;
    ends.clear();
    outputs.clear();
    List<LinkRun> all = List.copyOf(unclosed);
    all.forEach(run -> run.intake().giveBackAll());
    engine.stopAll(this);
    engine.batchEnded();
    runs.clear();
    lastRun = null;
    asking.clear();
    all.forEach(run -> run.end("The connection to the program is lost."));
  }
}
