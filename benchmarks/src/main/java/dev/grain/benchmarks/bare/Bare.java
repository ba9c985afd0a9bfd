package dev.grain.benchmarks.bare;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The end that has jobs run, by the workers in turn. Submits from one thread. */
public final class Bare implements AutoCloseable {
  private final EventLoopGroup loop = Sockets.loop("bare-head");
  private final List<Outgoing> workers = new ArrayList<>();
  private final Codec codec = new Codec();
  // only accessed by the thread that submits
  private int next;

  /**
   * Connects to workers on the loopback.
   *
   * @param tls null for plain text
   */
  public Bare(List<Integer> ports, @Nullable BareTls tls) throws IOException {
    SslContext context = tls == null ? null : tls.dialing();
    for (int port : ports) {
      workers.add(
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .handler(Sockets.wired(context, Outgoing::new))
              .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .syncUninterruptibly()
              .channel()
              .pipeline()
              .get(Outgoing.class));
    }
  }

  /**
   * Has a function run by the next worker.
   *
   * @param function its place among the functions of the worker
   * @return its result, when it is there
   */
  public Future<Object> submit(int function, Object argument) {
    Outgoing worker = workers.get(next);
    next = next + 1 == workers.size() ? 0 : next + 1;
    return worker.submit(codec.encodeCall(function, argument));
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** The jobs at one worker. */
  private static final class Outgoing extends Wire {
    // only accessed by the loop
    private final Codec codec = new Codec();
    private @Nullable Job[] jobs = new @Nullable Job[0];
    private int[] free = new int[0];
    private int freeCount;

    Outgoing(Channel channel) {
      super(channel);
    }

    Future<Object> submit(byte[] call) {
      Job job = new Job(this, call);
      add(job);
      return job;
    }

    int number(Job job) {
      if (freeCount == 0) {
        grow();
      }
      int id = free[--freeCount];
      jobs[id] = job;
      return id;
    }

    private void grow() {
      int before = jobs.length;
      int after = Math.max(1024, 2 * before);
      jobs = Arrays.copyOf(jobs, after);
      free = new int[after];
      for (int id = after - 1; id >= before; id--) {
        free[freeCount++] = id;
      }
    }

    @Override
    void receive(int id, byte[] buffer, int from, int to) {
      Job job = Objects.requireNonNull(jobs[id]);
      jobs[id] = null;
      free[freeCount++] = id;
      job.complete(codec.decode(buffer, from, to));
    }

    @Override
    void ended() {
      for (@Nullable Job job : jobs) {
        if (job != null) {
          job.completeExceptionally(new IOException("The connection has ended."));
        }
      }
    }
  }

  /** One job: what is sent, and the future of its result. */
  private static final class Job extends CompletableFuture<Object> implements Sendable {
    private final Outgoing worker;
    private final byte[] call;

    Job(Outgoing worker, byte[] call) {
      this.worker = worker;
      this.call = call;
    }

    @Override
    public int id() {
      return worker.number(this);
    }

    @Override
    public byte[] bytes() {
      return call;
    }
  }
}
