package dev.grain.wire;

import dev.grain.session.Frame;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A handler that remembers what it received, for tests to wait for. */
final class Recorder implements ConnectionHandler {
  /** Far longer than anything takes, so that a failing test ends. */
  private static final long PATIENCE_SECONDS = 60;

  final CompletableFuture<Connection> connection = new CompletableFuture<>();
  final CompletableFuture<Hello> peer = new CompletableFuture<>();
  final CompletableFuture<Down> down = new CompletableFuture<>();
  final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
  final BlockingQueue<Boolean> writable = new LinkedBlockingQueue<>();
  final List<String> misuse = new ArrayList<>();

  @Override
  public void up(Connection up, Hello hello) {
    check(!connection.isDone() && !down.isDone(), "up");
    peer.complete(hello);
    connection.complete(up);
  }

  @Override
  public void received(Frame frame) {
    check(connection.isDone() && !down.isDone(), "received");
    frames.add(frame);
  }

  @Override
  public void batchEnded() {
    check(connection.isDone() && !down.isDone(), "batchEnded");
  }

  @Override
  public void writable() {
    check(connection.isDone() && !down.isDone(), "writable");
    writable.add(true);
  }

  @Override
  public void down(Down why) {
    check(!down.isDone(), "down");
    down.complete(why);
  }

  private void check(boolean allowed, String call) {
    if (!allowed) {
      misuse.add(call);
    }
  }

  Connection awaitUp() throws Exception {
    return await(connection);
  }

  Down awaitDown() throws Exception {
    return await(down);
  }

  Frame awaitFrame() throws Exception {
    Frame frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("no frame came");
    }
    return frame;
  }

  static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
