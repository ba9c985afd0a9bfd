package dev.grain.wire;

import dev.grain.loop.Loop;
import dev.grain.loop.NettyLoop;
import dev.grain.session.Frame;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.Dialer.Dial;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Watches over one session from a loop of its own: gives signs of life on a connection beside the
 * session's, and misses those of the peer. What arrives on the session's connection is one, too.
 */
final class Pulse implements ConnectionHandler {
  /** How many times it looks between two signs of life that it gives. */
  private static final int LOOKS = 5;

  private final NettyLoop loop;
  private final NettyLoop mainLoop;
  private final ConnectionLimits limits;
  private final NettyConnection watched;
  private final @Nullable PulseDialer dialer;
  private final Silence silence;

  // only accessed by the loop
  private @Nullable Connection beside;
  private boolean heardBeside;
  private @Nullable Dial dial;
  private Loop.@Nullable Timer timer;
  private int look;
  private boolean over;

  /**
   * Makes a pulse that is still.
   *
   * @param loop the loop of pulses
   * @param mainLoop the loop of the session
   * @param watched the connection of the session
   * @param dialer connects again and again, or null if the peer does
   */
  Pulse(
      NettyLoop loop,
      NettyLoop mainLoop,
      ConnectionLimits limits,
      NettyConnection watched,
      @Nullable PulseDialer dialer) {
    this.loop = loop;
    this.mainLoop = mainLoop;
    this.limits = limits;
    this.watched = watched;
    this.dialer = dialer;
    this.silence = new Silence(step(), limits.suspicion().toNanos());
  }

  /** Connects to the peer. */
  interface PulseDialer {
    Dial dial(ConnectionHandler handler);
  }

  private long step() {
    return limits.heartbeat().toNanos() / LOOKS;
  }

  /** Begins. May be called by any thread, as may {@link #stop}. */
  void start() {
    loop.post(this::look);
  }

  void stop() {
    loop.post(() -> {
      over = true;
      if (timer != null) {
        timer.cancel();
      }
      if (dial != null) {
        dial.cancel();
      }
      if (beside != null) {
        beside.close();
      }
    });
  }

  private void look() {
    if (over) {
      return;
    }
    timer = loop.schedule(step(), this::look);
    if (look++ % LOOKS == 0) {
      beat();
    }
    boolean heard = watched.takeHeard();
    heard |= heardBeside;
    heardBeside = false;
    if (silence.tick(heard)) {
      over = true;
      timer.cancel();
      report();
    }
  }

  private void beat() {
    if (beside == null) {
      if (dialer != null && dial == null) {
        dial = dialer.dial(this);
      }
    } else if (beside.isWritable()) {
      beside.write(new Frame.Heartbeat());
      beside.flush();
    }
  }

  private void report() {
    Down silent =
        new Down(
            Down.Kind.SILENT,
            watched
                + " has sent no heartbeat for "
                + limits.suspicion().toMillis()
                + " ms. The machine, the process or the network is stuck.");
    try {
      mainLoop.post(() -> watched.down(silent));
    } catch (RejectedExecutionException ended) {
      // the endpoint closes, and with it the connection
    }
  }

  @Override
  public void up(Connection connection, Hello peer) {
    dial = null;
    if (over) {
      connection.close();
      return;
    }
    if (beside != null) {
      beside.close();
    }
    beside = connection;
    beat();
  }

  @Override
  public void batchEnded() {
    heardBeside = true;
  }

  @Override
  public void down(Down why) {
    dial = null;
    beside = null;
  }
}
