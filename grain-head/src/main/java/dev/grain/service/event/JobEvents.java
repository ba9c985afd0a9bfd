package dev.grain.service.event;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.service.store.Commit;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Store;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Tells listeners which jobs have changed, after the changes are on the disk. For any thread.
 *
 * <p>While there are no listeners, changes are only numbered. The latest {@value #KEPT} are kept in
 * memory, so that a listener that lost its connection can go on where it was.
 */
public final class JobEvents implements AutoCloseable {
  /** How many changes are kept for listeners that come back. */
  public static final int KEPT = 10_000;

  /** How many listeners there are at most. */
  public static final int MOST = 1000;

  /** How many listeners a user has at most. */
  public static final int MOST_OF_USER = 20;

  private static final System.Logger LOG = System.getLogger("dev.grain.head");
  private static final int SOME = 500;

  private final Store store;
  private final String life = EventId.newLife();
  private final Commit.Observer observer = this::onCommit;
  private final Thread thread;

  // all guarded by this, for no longer than to copy something
  private final RecentChanges recent;
  // replaced when it changes
  private List<Listener> listeners = List.of();
  private boolean closing;

  /**
   * What is to be told next.
   *
   * @param lost whether there are changes before that are kept no longer
   */
  private record Work(List<Change> changes, boolean lost, long upTo, List<Listener> listeners) {}

  /** Tells of all changes from now on. */
  public JobEvents(Store store) {
    this(store, KEPT);
  }

  JobEvents(Store store, int kept) {
    this.store = store;
    this.recent = new RecentChanges(kept);
    this.thread = Thread.ofVirtual().name("grain-events").unstarted(this::run);
    store.observe(observer);
    thread.start();
  }

  private void onCommit(Commit commit) {
    if (!commit.jobs().isEmpty()) {
      synchronized (this) {
        commit.jobs().forEach(recent::add);
        notifyAll();
      }
    }
  }

  /** Returns what stands for a change. */
  String id(long number) {
    return new EventId(life, number).toString();
  }

  // ---------------------------------------------------------------- listeners

  /**
   * Adds a listener.
   *
   * @param user whose it is
   * @param wants which jobs it wants to know of; called by other threads
   * @param after the id after which it goes on; empty if it wants only what comes from now on
   * @throws TooManyListenersException if there is no room for it
   */
  public Listener listen(String user, Predicate<Jobs.Labelled> wants, Optional<String> after) {
    List<Change> history = List.of();
    boolean all = true;
    Listener listener;
    synchronized (this) {
      ensureRoom(user);
      long last = recent.last();
      if (after.isPresent()) {
        Optional<EventId> known =
            EventId.parse(after.get())
                .filter(id -> id.life().equals(life) && recent.hasAllAfter(id.number()));
        history = known.map(id -> recent.after(id.number(), KEPT)).orElse(history);
        all = known.isPresent();
      }
      listener = new Listener(this, user, wants, last);
      List<Listener> more = new ArrayList<>(listeners);
      more.add(listener);
      listeners = List.copyOf(more);
      if (closing) {
        listener.end();
      }
    }
    try {
      listener.begin(read(history), all);
      return listener;
    } catch (RuntimeException | Error e) {
      listener.close();
      throw e;
    }
  }

  private void ensureRoom(String user) {
    if (listeners.size() >= MOST) {
      throw new TooManyListenersException(
          "%s listeners are connected to this head, which is the most that it serves. Wait until some have left, or list jobs now and then."
              .formatted(listeners.size()),
          false);
    }
    long own = listeners.stream().filter(each -> each.user().equals(user)).count();
    if (own >= MOST_OF_USER) {
      throw new TooManyListenersException(
          "%s has %s listeners, which is the most that a user may have. Close some, or ask for several jobs by one of them."
              .formatted(user, own),
          true);
    }
  }

  synchronized void remove(Listener listener) {
    List<Listener> fewer = new ArrayList<>(listeners);
    fewer.remove(listener);
    listeners = List.copyOf(fewer);
  }

  /** Returns how many listeners there are. */
  public synchronized int listeners() {
    return listeners.size();
  }

  // ---------------------------------------------------------------- telling

  private void run() {
    try {
      long told = 0;
      for (Optional<Work> next = next(told); next.isPresent(); next = next(told)) {
        Work work = next.get();
        tell(work);
        told = work.upTo();
      }
    } catch (InterruptedException e) {
      // nobody does
    }
  }

  /** Waits for changes after one, and listeners; empty when it is closed. */
  private synchronized Optional<Work> next(long told) throws InterruptedException {
    while (!closing && told == recent.last()) {
      wait();
    }
    if (closing) {
      return Optional.empty();
    }
    if (listeners.isEmpty()) {
      return Optional.of(new Work(List.of(), false, recent.last(), listeners));
    }
    if (!recent.hasAllAfter(told)) {
      return Optional.of(new Work(List.of(), true, recent.last(), listeners));
    }
    List<Change> some = recent.after(told, SOME);
    return Optional.of(new Work(some, false, some.getLast().number, listeners));
  }

  private void tell(Work work) {
    if (work.listeners().isEmpty()) {
      return;
    }
    if (work.lost()) {
      work.listeners().forEach(each -> each.miss(work.upTo()));
      return;
    }
    List<JobEvent> events;
    try {
      events = read(work.changes());
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Listeners cannot be told what has changed, and have to ask: {0}",
          e.getMessage());
      work.listeners().forEach(each -> each.miss(work.upTo()));
      return;
    }
    work.listeners().forEach(each -> each.tell(events, work.upTo()));
  }

  /**
   * Returns what jobs are now, each once, in the order of their latest changes. Those that were
   * removed meanwhile are left out.
   */
  private List<JobEvent> read(List<Change> changes) {
    List<JobEvent> events = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    List<Change> latest =
        changes.reversed().stream().filter(each -> seen.add(each.job)).toList().reversed();
    for (int from = 0; from < latest.size(); from += SOME) {
      events.addAll(readSome(latest.subList(from, Math.min(latest.size(), from + SOME))));
    }
    return events;
  }

  private List<JobEvent> readSome(List<Change> changes) {
    List<Long> unknown =
        changes.stream().filter(each -> each.event == null).map(each -> each.job).toList();
    Map<Long, Jobs.Labelled> jobs = new HashMap<>();
    if (!unknown.isEmpty()) {
      store
          .read(handle -> new Jobs(handle).labelled(unknown))
          .forEach(each -> jobs.put(each.job().number(), each));
    }
    List<JobEvent> events = new ArrayList<>();
    for (Change each : changes) {
      JobEvent event = each.event;
      Jobs.Labelled job = jobs.get(each.job);
      if (event == null && job != null) {
        event = new JobEvent(each.number, job);
        each.event = event;
      }
      if (event != null) {
        events.add(event);
      }
    }
    return events;
  }

  /** Tells listeners that it is over, and ends the thread. */
  @Override
  public void close() {
    store.forget(observer);
    List<Listener> last;
    synchronized (this) {
      closing = true;
      last = listeners;
      notifyAll();
    }
    last.forEach(Listener::end);
    Uninterruptibly.await(thread::join);
  }
}
