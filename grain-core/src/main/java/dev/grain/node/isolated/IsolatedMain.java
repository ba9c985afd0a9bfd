package dev.grain.node.isolated;

import dev.grain.bytes.Bytes;
import dev.grain.code.CodeStore;
import dev.grain.code.Codec;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.call.MemoryReserve;
import dev.grain.node.call.ThreadJobRunner;
import dev.grain.resource.internal.Fractions;
import dev.grain.session.MessageStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that runs the isolated calls that its worker sends it, one at a time, as a worker would. It
 * ends when the worker says so, or closes the connection, in whatever way.
 */
final class IsolatedMain {
  /** The exit code of one whose memory is used up, or that has lost its worker. */
  private static final int ENDED_EARLY = 70;

  private final JvmFolder folder;
  private final Setup setup;
  private final Codec codec;
  private final MessageStream worker;
  private final ThreadJobRunner runner;
  private final MemoryReserve reserve = new MemoryReserve();

  // set by the thread that reads
  private volatile @Nullable Current current;
  // set by the thread of a job
  private volatile boolean exhausted;

  /** The job that runs. */
  private record Current(Order order, JobRunner.Running running) {}

  private IsolatedMain(JvmFolder folder, Setup setup, Codec codec, MessageStream worker) {
    this.folder = folder;
    this.setup = setup;
    this.codec = codec;
    this.worker = worker;
    this.runner =
        new ThreadJobRunner(
            _ -> codec, setup.resultLimit(), false, false, null, this::onOutOfMemory);
  }

  /**
   * Serves a worker.
   *
   * @param arguments the folder of this JVM
   */
  static void main(String[] arguments) throws IOException {
    JvmFolder folder = new JvmFolder(Path.of(arguments[0]));
    Setup setup = Setup.read(folder.setup());
    Codec codec =
        setup.code().isEmpty()
            ? new Codec(ClassLoader.getSystemClassLoader())
            : CodeStore.codecOf(setup.code());
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket()));
    MessageStream worker = new MessageStream(channel, Long.MAX_VALUE);
    IsolatedMain main = new IsolatedMain(folder, setup, codec, worker);
    Thread.setDefaultUncaughtExceptionHandler(main::onUncaught);
    Runtime.getRuntime().addShutdownHook(new Thread(IsolatedMain::killDescendants));
    main.serve();
  }

  private void serve() {
    try {
      for (Message next = worker.read(); next != null; next = worker.read()) {
        switch (next) {
          case Order order -> onOrder(order);
          case Message.Stop stop -> onStop(stop);
          case Message.RunOver _ ->
              Thread.ofPlatform().daemon().name("grain-exit").start(this::exit);
          case Message.ToNode _, Message.ToHead _ ->
              throw new IOException("A worker said what it cannot say: " + next);
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      // the same: without its worker it is of no use
    }
    endWithWorker();
  }

  /** Ends with its shutdown hooks; the worker may be gone before that, so the folder goes first. */
  private void exit() {
    folder.delete();
    System.exit(0);
  }

  private void endWithWorker() {
    try {
      setup.mark().killAll();
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

  private void onOrder(Order order) throws IOException {
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
    worker.write(new Message.Started(own.number(), own.attempt(), Fractions.NONE));
    current = new Current(own, runner.start(own, call.allocation(), new Events(own)));
  }

  private void onStop(Message.Stop stop) {
    Current now = current;
    if (now != null && now.order.number() == stop.job() && now.order.attempt() == stop.attempt()) {
      now.running.stop();
    }
  }

  /** Tells the worker what becomes of a job. */
  private final class Events implements JobRunner.Events {
    private final Order order;

    Events(Order order) {
      this.order = order;
    }

    @Override
    public void printed(Bytes text, boolean error) {
      write(new Message.Output(order.number(), order.attempt(), text, error));
    }

    @Override
    public void notRun(AttemptEnd why) {
      tell(why);
    }

    @Override
    public void ended(AttemptEnd end) {
      if (exhausted) {
        endWithoutMemory(end);
      } else {
        tell(end);
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
          tell(new AttemptEnd.OutOfMemory(outOfMemory(failure.words())));
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

  private String outOfMemory(String error) {
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
      Files.writeString(folder.exhausted(), outOfMemory(error.toString()));
    } catch (IOException | OutOfMemoryError e) {
      // its exit code has to do
    }
  }
}
