package dev.grain.google;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.core.SettableApiFuture;
import com.google.api.gax.grpc.GrpcStatusCode;
import com.google.api.gax.rpc.UnavailableException;
import com.google.protobuf.Empty;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the service is told of many deliveries at a time. */
final class BatcherTest {
  private static final long PATIENCE = TimeUnit.MINUTES.toNanos(1);

  private final BlockingQueue<List<String>> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<SettableApiFuture<Empty>> answers = new LinkedBlockingQueue<>();
  private final List<Throwable> failures = new ArrayList<>();
  private final Batcher batcher =
      new Batcher(
          ids -> {
            SettableApiFuture<Empty> answer = SettableApiFuture.create();
            requests.add(ids);
            answers.add(answer);
            return answer;
          },
          failures::add);

  private static UnavailableException unavailable() {
    return new UnavailableException(
        "away", new IllegalStateException(), GrpcStatusCode.of(Status.Code.UNAVAILABLE), true);
  }

  @Test
  void add_whileARequestRuns_goesWithTheNext() throws Exception {
    batcher.add("1");
    batcher.add("2");
    batcher.add("3");
    answers.take().set(Empty.getDefaultInstance());
    answers.take().set(Empty.getDefaultInstance());
    batcher.close(System.nanoTime() + PATIENCE);
    assertThat(requests).containsExactly(List.of("1"), List.of("2", "3"));
  }

  @Test
  void request_thatFailsForATime_isSentAgain() throws Exception {
    batcher.add("1");
    answers.take().setException(unavailable());
    answers.take().set(Empty.getDefaultInstance());
    batcher.close(System.nanoTime() + PATIENCE);
    assertThat(requests).containsExactly(List.of("1"), List.of("1"));
    assertThat(failures).isEmpty();
  }

  @Test
  void request_thatFailsAfterTheEnd_isNotSentAgain() throws Exception {
    batcher.add("1");
    batcher.close(System.nanoTime());
    answers.take().setException(unavailable());
    // has nothing to wait for
    batcher.close(System.nanoTime() + PATIENCE);
    assertThat(requests).containsExactly(List.of("1"));
  }
}
