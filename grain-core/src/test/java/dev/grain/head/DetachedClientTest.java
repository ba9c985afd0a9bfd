package dev.grain.head;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.dispatch.StoredJob;
import dev.grain.explain.Sentences;
import dev.grain.loop.ManualLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.Retries;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Detached jobs of a head whose store answers when the test says so, and nodes that are links. */
final class DetachedClientTest {
  private static final long PATIENCE = 1_000_000_000;
  private static final Bytes VALUE = Bytes.utf8("value");

  private final ManualLoop loop = new ManualLoop();
  private final Head head =
      new Head("life", loop, new Policy(false, 16, false, Placement.bestFit()));
  private final Store store = new Store();
  private final DetachedClient client =
      head.openDetached(
          new DetachedClient.Settings("h", PATIENCE, 5_000),
          store,
          CodeLibrary.NONE,
          LoginLibrary.NONE);

  /** Keeps what it is told, and what is to be called when that is kept. */
  private static final class Store implements DetachedStore {
    final List<String> told = new ArrayList<>();
    final Deque<Runnable> unanswered = new ArrayDeque<>();

    private void tell(Runnable kept, String line) {
      told.add(line);
      unanswered.add(kept);
    }

    @Override
    public void onSending(long job, int attempt, StoredJob.Holder holder, Runnable kept) {
      tell(kept, "send %s/%s to %s".formatted(job, attempt, holder.incarnation()));
    }

    @Override
    public void onAttempt(long job, Attempt ended, int losses, Runnable kept) {
      tell(
          kept,
          "attempt %s/%s %s, %s losses"
              .formatted(job, ended.number(), ended.failure().orElseThrow(), losses));
    }

    @Override
    public void onEnd(long job, int attempt, JobEnd end, Runnable kept) {
      String how =
          end instanceof JobEnd.Ended ended
              ? ended.cause().toString()
              : end.getClass().getSimpleName();
      tell(kept, "end %s/%s %s".formatted(job, attempt, how));
    }

    @Override
    public void onState(long job, State state, int attempt, @Nullable String worker) {
      told.add("%s is %s".formatted(job, state));
    }

    @Override
    public void onOutput(long job, int attempt, String worker, Bytes text, boolean error) {
      told.add("%s/%s prints %s".formatted(job, attempt, text.utf8()));
    }
  }

  private static StoredJob job(long number, int retries) {
    Order.Spec spec =
        new Order.Spec(
            "",
            Demand.of(cpu(1)),
            Order.Limits.NONE,
            new Work.Call(Bytes.empty(), false),
            Order.Setting.OWN);
    return new StoredJob(
        number, new JobTemplate(spec, new Retries(retries, 0, 1, 0, false)), Bytes.utf8("input"));
  }

  /** Returns a job of which that life of a worker may have the attempt. */
  private static StoredJob at(long number, int attempt, String incarnation) {
    StoredJob job = job(number, 0);
    return new StoredJob(
        number,
        job.template(),
        job.priority(),
        0,
        job.input(),
        attempt,
        new StoredJob.Holder("w", incarnation, true),
        List.of(),
        0,
        false,
        false);
  }

  private NodeSession join(String incarnation, RecordingLink link) {
    Offer offer = Offer.of(cpu(1), Offer.EMPTY);
    NodeSession session = head.join("w", incarnation, offer, offer, Long.MAX_VALUE, link, true);
    turn();
    return session;
  }

  private void start(StoredJob job) {
    client.start(job);
    turn();
  }

  private void receive(NodeSession session, Message.ToHead... messages) {
    for (Message.ToHead message : messages) {
      session.receive(message);
    }
    session.batchEnded();
    turn();
  }

  private static Message.Ended ended(long number, int attempt, AttemptEnd end) {
    return new Message.Ended(2 * number, attempt, end, 1);
  }

  private static Message.Holding holding(long number, int attempt, Message.Held held) {
    return new Message.Holding(2 * number, attempt, held, Fractions.NONE, 0);
  }

  /** The store has kept all that it was told. */
  private void answer() {
    while (!store.unanswered.isEmpty()) {
      store.unanswered.remove().run();
      turn();
    }
  }

  private void turn() {
    loop.pass(1);
  }

  private String explain(long number) {
    return Sentences.of(Objects.requireNonNull(client.explain(number)).situation());
  }

  private static Message.Settled settled(long number, int attempt) {
    return new Message.Settled(2 * number, attempt);
  }

  @AfterEach
  void checkInvariants() {
    head.checkInvariants();
  }

  @Test
  void order_goesWhenTheStoreHasIt_andWhatFollowsItGoesBehind() {
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, new Message.HoldingAll());
    start(job(7, 0));
    client.cancel(7);
    turn();
    assertThat(store.told).contains("send 7/1 to i1");
    assertThat(link.sent).isEmpty();

    answer();
    assertThat(link.sent).hasSize(2);
    assertThat(link.sent.getFirst())
        .isInstanceOfSatisfying(
            Order.class,
            order -> {
              assertThat(order.run()).isEqualTo("h");
              assertThat(order.job()).isEqualTo(7);
              assertThat(order.number()).isEqualTo(14);
            });
    assertThat(link.sent.getLast()).isEqualTo(new Message.Stop(14, 1));
  }

  @Test
  void end_isFinalAndSettled_whenTheStoreHasIt() {
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, new Message.HoldingAll());
    start(job(7, 0));
    answer();
    receive(session, ended(7, 1, new AttemptEnd.Value(VALUE)));
    assertThat(store.told).contains("end 7/1 Returned");
    assertThat(link.sent).doesNotContain(settled(7, 1));
    assertThat(client.progress().ended()).isZero();

    answer();
    assertThat(link.sent).contains(settled(7, 1));
    assertThat(client.progress().succeeded()).isEqualTo(1);
    assertThat(client.explain(7)).isNull();
  }

  @Test
  void attempt_thatFailed_isSettledWhenTheStoreHasIt_andTheNextOneIsSent() {
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, new Message.HoldingAll());
    start(job(7, 1));
    answer();
    receive(session, ended(7, 1, new AttemptEnd.Failure(VALUE, "broken")));
    assertThat(store.told).containsSubsequence("attempt 7/1 FAILED, 0 losses", "send 7/2 to i1");
    assertThat(link.sent).hasSize(1);
    answer();
    assertThat(link.sent).contains(settled(7, 1));

    receive(session, ended(7, 2, new AttemptEnd.Failure(VALUE, "broken")));
    // the last attempt is told with the end alone
    assertThat(store.told.getLast()).isEqualTo("end 7/2 Threw");
  }

  @Test
  void node_getsNothing_beforeItHasSaidWhatItHas() {
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    start(job(7, 0));
    session.suspend();
    session.resume();
    answer();
    assertThat(link.sent).isEmpty();
    receive(session, new Message.HoldingAll());
    answer();
    assertThat(link.sent).hasSize(1);
  }

  @Test
  void job_ofAnEarlierLife_isAdopted_andItsEndIsTaken() {
    start(at(7, 3, "i1"));
    assertThat(explain(7)).contains("the worker is unreachable");
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, holding(7, 3, Message.Held.RUNNING), new Message.HoldingAll());
    assertThat(store.told.getLast()).isEqualTo("7 is RUNNING");
    receive(
        session,
        new Message.Output(14, 3, Bytes.utf8("text"), false),
        ended(7, 3, new AttemptEnd.Value(VALUE)));
    assertThat(store.told).contains("7/3 prints text").endsWith("end 7/3 Returned");
    answer();
    assertThat(link.sent).containsExactly(settled(7, 3));
  }

  @Test
  void end_ofAnEarlierLife_isTaken() {
    start(at(7, 3, "i1"));
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(
        session,
        holding(7, 3, Message.Held.ENDED),
        new Message.HoldingAll(),
        ended(7, 3, new AttemptEnd.Value(VALUE)));
    answer();
    assertThat(link.sent).containsExactly(settled(7, 3));
    assertThat(client.progress().succeeded()).isEqualTo(1);
  }

  @Test
  void attempt_thatItsNodeDoesNotHave_isFollowedByTheNextOne() {
    start(at(7, 3, "i1"));
    RecordingLink link = new RecordingLink();
    receive(join("i1", link), new Message.HoldingAll());
    assertThat(store.told).endsWith("7 is SENT", "send 7/4 to i1");
  }

  @Test
  void attempt_ofANodeThatIsNotBackInTime_isLost_andStoppedWhenItIsBackLater() {
    start(at(7, 3, "i1"));
    loop.pass(PATIENCE);
    assertThat(store.told).contains("attempt 7/3 LOST, 0 losses");
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, holding(7, 3, Message.Held.RUNNING), new Message.HoldingAll());
    // but for when the loss is certain
    assertThat(link.sent).isEmpty();
    answer();
    assertThat(link.sent.getFirst()).isEqualTo(settled(7, 3));
  }

  @Test
  void attempt_ofAJobThatNobodyKnows_isStopped() {
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, holding(9, 1, Message.Held.RUNNING), new Message.HoldingAll());
    assertThat(link.sent).containsExactly(settled(9, 1));
  }

  @Test
  void node_thatReturnsWithAnotherSession_bringsItsJobsBack() {
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, new Message.HoldingAll());
    start(job(7, 0));
    answer();
    receive(session, new Message.Started(14, 1, Fractions.NONE));
    session.lost(NodeSession.Departure.RETURNING);
    turn();
    assertThat(store.told.getLast()).isEqualTo("7 is AWAITED");

    RecordingLink next = new RecordingLink();
    NodeSession again = join("i1", next);
    receive(
        again,
        holding(7, 1, Message.Held.RUNNING),
        new Message.HoldingAll(),
        ended(7, 1, new AttemptEnd.Value(VALUE)));
    answer();
    assertThat(next.sent).containsExactly(settled(7, 1));
  }

  @Test
  void node_thatDied_losesItsJobsAtOnce() {
    start(at(7, 3, "i1"));
    NodeSession session = join("i1", new RecordingLink());
    session.lost(NodeSession.Departure.DIED);
    turn();
    assertThat(store.told).contains("attempt 7/3 LOST, 1 losses");
  }

  @Test
  void end_thatIsReportedAgain_beforeTheStoreHasIt_isNotDeliveredAgain() {
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, new Message.HoldingAll());
    start(job(7, 0));
    answer();
    receive(session, ended(7, 1, new AttemptEnd.Value(VALUE)));
    session.lost(NodeSession.Departure.RETURNING);
    RecordingLink next = new RecordingLink();
    NodeSession again = join("i1", next);
    receive(
        again,
        holding(7, 1, Message.Held.ENDED),
        new Message.HoldingAll(),
        ended(7, 1, new AttemptEnd.Value(VALUE)));
    assertThat(next.sent).isEmpty();
    assertThat(store.told.stream().filter(each -> each.startsWith("end"))).hasSize(1);
    answer();
    assertThat(next.sent).contains(settled(7, 1));
  }

  @Test
  void hold_resume_cancel_areTold() {
    start(job(7, 0));
    client.hold(7);
    turn();
    assertThat(store.told.getLast()).isEqualTo("7 is HELD");
    assertThat(explain(7)).isEqualTo("is held; resume it to have it started");
    client.resume(7);
    turn();
    assertThat(store.told.getLast()).isEqualTo("7 is QUEUED");
    client.cancel(7);
    client.cancel(8);
    turn();
    assertThat(store.told.getLast()).isEqualTo("end 7/1 CANCELLED");
    client.hold(7);
    answer();
    client.resume(7);
    client.reprioritize(7, 3);
    turn();
    assertThat(client.progress().cancelled()).isEqualTo(1);
  }

  @Test
  void reprioritize_withoutAPriority_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.reprioritize(7, Double.NaN))
        .withMessage("The priority of job 7 is NaN: more than 0, and finite");
  }

  @Test
  void cancelled_inTheStore_isCancelledWhereverItIs() {
    StoredJob job = at(7, 1, "i1");
    start(
        new StoredJob(
            7,
            job.template(),
            job.priority(),
            0,
            job.input(),
            1,
            job.holder(),
            List.of(),
            0,
            false,
            true));
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, holding(7, 1, Message.Held.RUNNING), new Message.HoldingAll());
    assertThat(link.sent).containsExactly(new Message.Stop(14, 1));
  }

  @Test
  void start_twice_takesItOnce() {
    start(job(7, 0));
    start(job(7, 0));
    assertThat(client.jobCount()).isEqualTo(1);
    List<String> done = new ArrayList<>();
    client.whenTaken(() -> done.add("taken"));
    turn();
    assertThat(done).containsExactly("taken");
  }

  @Test
  void breakOff_endsNoDetachedJob() {
    start(job(7, 0));
    head.breakOff("something is wrong", _ -> {});
    turn();
    assertThat(store.told).noneMatch(each -> each.startsWith("end"));
  }

  @Test
  void otherClients_haveOddNumbers_andEndAsEver() {
    Client program = head.open("run", CodeLibrary.NONE, OutcomeLog.NONE);
    ToldJob told = new ToldJob(program.nextNumber());
    program.submit(program.prepare(job(1, 0).template(), Bytes.empty(), null, told));
    RecordingLink link = new RecordingLink();
    NodeSession session = join("i1", link);
    receive(session, new Message.HoldingAll());
    assertThat(link.sent)
        .singleElement()
        .isInstanceOfSatisfying(Order.class, order -> assertThat(order.number()).isEqualTo(1));
    receive(session, new Message.Ended(1, 1, new AttemptEnd.Value(VALUE), 1));
    assertThat(told.end()).isInstanceOf(JobEnd.Returned.class);
    assertThat(link.sent).hasSize(1);

    receive(session, new Message.Ended(1, 1, new AttemptEnd.Value(VALUE), 1));
    session.lost(NodeSession.Departure.RETURNING);
    assertThat(store.told).isEmpty();
  }

  @Test
  void openDetached_afterAnotherClient_isRefused() {
    Head other = new Head("other", loop, new Policy(false, 16, false, Placement.bestFit()));
    other.open("run", CodeLibrary.NONE, OutcomeLog.NONE);
    assertThatIllegalStateException()
        .isThrownBy(() ->
            other.openDetached(
                new DetachedClient.Settings("h", 0, 0), store, CodeLibrary.NONE, LoginLibrary.NONE))
        .withMessage("The head has clients already");
  }

  @Test
  void stored_withWhatCannotBe_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job(0, 0))
        .withMessageContaining("The number of a job is 0: at least 1");
  }
}
