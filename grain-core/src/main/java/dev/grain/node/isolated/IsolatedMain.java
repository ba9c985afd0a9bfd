package dev.grain.node.isolated;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.HandedOver;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.call.MemoryReserve;
import dev.grain.node.call.ThreadJobRunner;
import dev.grain.node.prepare.Ready;
import dev.grain.node.process.Mark;
import dev.grain.session.MessageStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that runs the isolated calls that its worker sends it, one at a time, as a worker would. It
 * ends when the worker requests it, or closes the connection, in whatever way.
 *
 * <p>Implementation note: the thread that has run a job reads the next order, and runs that job. A
 * thread that reads while others run jobs would have to be woken for each of them, and to wake
 * another one, which costs more than a small job. Requests to stop come over a connection of their
 * own, which the main thread reads.
 */
final class IsolatedMain {
  /** The exit code of one whose memory is used up, or that has lost its worker. */
  private static final int ENDED_EARLY = 70;

  private final JvmFolder folder;
  private final Setup setup;
  private final Codec codec;
  private final MessageStream worker;
  private final MessageStream control;
  private final BegunNote begun;
  private final ThreadJobRunner runner;
  private final MemoryReserve reserve = new MemoryReserve();

  // both guarded by this
  private @Nullable Current current;
  // it may have come before its order
  private Message.@Nullable Stop lastStop;
  // set by the thread of a job
  private volatile boolean exhausted;

  /** The job that runs. */
  private record Current(Order order, JobRunner.Running running) {
    boolean isMeantBy(Message.Stop stop) {
      return order.number() == stop.job() && order.attempt() == stop.attempt();
    }
  }

  private IsolatedMain(
      JvmFolder folder, Setup setup, Codec codec, MessageStream worker, MessageStream control)
      throws IOException {
    this.folder = folder;
    this.setup = setup;
    this.codec = codec;
    this.worker = worker;
    this.control = control;
    this.begun = BegunNote.open(folder.begun());
    this.runner =
        new ThreadJobRunner(
            (_, _) -> codec, setup.resultLimit(), false, false, null, this::onOutOfMemory);
  }

  /**
   * Serves a worker.
   *
   * @param arguments the folder of this JVM
   */
  static void main(String[] arguments) throws IOException {
    JvmFolder folder = JvmFolder.ofThisJvm(Path.of(arguments[0]));
    Setup setup = Setup.read(folder.setup());
    Codec codec = HandedOver.decode(setup.code()).load();
    // the worker takes them in this order
    MessageStream worker = connect(folder);
    MessageStream control = connect(folder);
    IsolatedMain main = new IsolatedMain(folder, setup, codec, worker, control);
    Thread.setDefaultUncaughtExceptionHandler(main::onUncaught);
    Runtime.getRuntime().addShutdownHook(new Thread(IsolatedMain::killDescendants));
    main.readOrder();
    main.readControl();
  }

  private static MessageStream connect(JvmFolder folder) throws IOException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket()));
    } catch (IOException e) {
      throw new IOException(
          "This JVM cannot connect to the socket %s of its worker (%s). Both must run on one machine."
              .formatted(folder.socket(), e.getMessage()),
          e);
    }
    return new MessageStream(channel, Long.MAX_VALUE);
  }

  private void readControl() {
    try {
      for (Message next = control.read(); next != null; next = control.read()) {
        switch (next) {
          case Message.Stop stop -> onStop(stop);
          case Message.RunOver _ ->
              Thread.ofPlatform().daemon().name("grain-exit").start(this::exit);
          case Message.ToNode _, Message.ToHead _ ->
              throw new IOException("A worker sent an unexpected message: " + next);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      // the same: without its worker it is of no use
    }
    endWithWorker();
  }

  /** Waits for the next job and starts it; ends this JVM if there is none. */
  private void readOrder() {
    try {
      while (worker.read() instanceof Order order) {
        if (start(order)) {
          return;
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      // the same: without its worker it is of no use
    }
    endWithWorker();
  }

  /** A thread of the JDK that carries virtual threads is not to wait here. */
  private void readOrderAfterJob() {
    if (Thread.currentThread().isVirtual()) {
      Thread.ofPlatform().daemon().name("grain-order").start(this::readOrder);
    } else {
      readOrder();
    }
  }

  /** Ends with its shutdown hooks; the worker may be gone before that, so the folder goes first. */
  private void exit() {
    folder.delete();
    System.exit(0);
  }

  private void endWithWorker() {
    try {
      Mark mark = setup.mark();
      if (mark != null) {
        mark.killAll();
      }
      folder.delete();
    } finally {
      Runtime.getRuntime().halt(ENDED_EARLY);
    }
  }

  /** What a function has started ends with its JVM. */
  private static void killDescendants() {
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
  }

  // ---------------------------------------------------------------- jobs

  /** Starts a job; returns whether it will end, and not have been refused. */
  private boolean start(Order order) throws IOException {
    IsolatedCall call = IsolatedCall.decode(order.input());
    Order own =
        new Order(
            order.run(),
            order.job(),
            order.number(),
            order.attempt(),
            order.alone(),
            order.spec(),
            call.input());
    // from here on it may have begun, and is not started elsewhere if this JVM ends
    begun.count();
    Events events = new Events(own);
    Current started = new Current(own, runner.start(own, call.allocation(), Ready.NOTHING, events));
    synchronized (this) {
      current = started;
      if (lastStop != null && started.isMeantBy(lastStop)) {
        started.running.stop();
      }
    }
    return !events.isRefused;
  }

  private synchronized void onStop(Message.Stop stop) {
    lastStop = stop;
    if (current != null && current.isMeantBy(stop)) {
      current.running.stop();
    }
  }

  /** Reports to the worker what becomes of a job. */
  private final class Events implements JobRunner.Events {
    private final Order order;
    // only accessed by the thread that starts the job
    private boolean isRefused;

    Events(Order order) {
      this.order = order;
    }

    @Override
    public void printed(Bytes text, boolean error) {
      write(new Message.Output(order.number(), order.attempt(), text, error));
    }

    @Override
    public void notRun(AttemptEnd why) {
      isRefused = true;
      tell(why);
    }

    @Override
    public void ended(AttemptEnd end) {
      if (exhausted) {
        endWithoutMemory(end);
      } else {
        tell(end);
        readOrderAfterJob();
      }
    }

    private void tell(AttemptEnd end) {
      write(new Message.Ended(order.number(), order.attempt(), end, 0));
    }

    /** What other threads have missed of the memory is not known: it is not used again. */
    private void endWithoutMemory(AttemptEnd end) {
      try {
        write(new Message.Draining());
        if (end instanceof AttemptEnd.Failure failure && !isOfThreads(failure)) {
          printed(Bytes.utf8(stackOf(failure)), true);
          tell(outOfMemory(failure.words()));
        } else {
          tell(end);
        }
      } catch (OutOfMemoryError e) {
        noteEnd(e);
      } finally {
        Runtime.getRuntime().halt(ENDED_EARLY);
      }
    }
  }

  /** The system gave it no more threads; the heap has nothing to do with it. */
  private static boolean isOfThreads(AttemptEnd.Failure failure) {
    return failure.words().contains("unable to create native thread");
  }

  private String stackOf(AttemptEnd.Failure failure) {
    StringWriter text = new StringWriter();
    codec.decodeFailure(failure.failure()).printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private void write(Message message) {
    try {
      worker.write(message);
    } catch (IOException e) {
      // this JVM ends with its worker
    }
  }

  // ---------------------------------------------------------------- the end of the memory

  private void onOutOfMemory() {
    reserve.release();
    exhausted = true;
  }

  private AttemptEnd.OutOfMemory outOfMemory(String error) {
    return JvmEnd.outOfMemory(error, Runtime.getRuntime().maxMemory(), setup.memory());
  }

  /** Threads that jobs have started may use up the memory, too, and then a job waits for them. */
  private void onUncaught(Thread thread, Throwable thrown) {
    if (thrown instanceof OutOfMemoryError error) {
      reserve.release();
      noteEnd(error);
      Runtime.getRuntime().halt(ENDED_EARLY);
    }
    synchronized (System.err) {
      System.err.print("Exception in thread \"" + thread.getName() + "\" ");
      thrown.printStackTrace();
    }
  }

  /** Leaves a note for the worker, which has to do without a message. */
  private void noteEnd(OutOfMemoryError error) {
    try {
      ExhaustedNote.write(folder.exhausted(), outOfMemory(error.toString()));
    } catch (OutOfMemoryError e) {
      // its exit code has to do
    }
  }
}
