package dev.grain.session;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.token;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Holdings;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Frames of any kind, decided by a seed. */
final class RandomFrames {
  private final SplittableRandom random;

  RandomFrames(SplittableRandom random) {
    this.random = random;
  }

  Frame next() {
    return switch (random.nextInt(12)) {
      case 0 -> new Frame.Chunk(number(), number(), number(), bytes(10_000));
      case 1 -> new Frame.Large(number(), message(), many(3, this::part));
      case 2 -> new Frame.Ack(number());
      case 3 -> new Frame.TooLarge(number());
      case 4 -> new Frame.Goodbye(text());
      case 5 -> new Frame.Heartbeat();
      case 6 -> new Frame.Hold(number());
      case 7 -> new Frame.GoOn(number());
      default -> new Frame.Messages(number(), many(20, this::message));
    };
  }

  private Frame.Part part() {
    return new Frame.Part(random.nextInt(4), number());
  }

  private Message message() {
    long job = number();
    int attempt = random.nextInt() >>> random.nextInt(32);
    return switch (random.nextInt(27)) {
      case 0 -> new Message.TakeBack(job, attempt);
      case 1 -> new Message.Stop(job, attempt);
      case 2 -> new Message.CodeContent(bytes(32), bytes(3_000));
      case 3 -> new Message.CodeMissing(bytes(32), text());
      case 4 -> new Message.Started(job, attempt, fractions());
      case 5 -> new Message.Freed(job, attempt, number());
      case 6 -> new Message.Ended(job, attempt, end(), number());
      case 7 -> new Message.Returned(job, attempt);
      case 8 -> new Message.NotStopping(job, attempt, random.nextBoolean());
      case 9 -> new Message.Output(job, attempt, bytes(200), random.nextBoolean());
      case 10 -> new Message.NeedCode(bytes(32));
      case 11 -> new Message.Draining();
      case 12 -> new Message.RunOver(text());
      case 13 -> new Message.OthersHold(holdings(), random.nextBoolean());
      case 14 -> new Message.NeedLogin(text(), service(), text());
      case 15 -> new Message.LoginAnswer(text(), service(), text(), login());
      case 16 -> new Message.Preparing(job, attempt, text());
      case 17 -> new Message.Settled(job, attempt);
      case 18 -> new Message.Holding(job, attempt, held(), fractions(), number());
      case 19 -> new Message.HoldingAll();
      case 20 -> new Message.Drain(random.nextBoolean());
      default ->
          new Order(
              text(),
              random.nextBoolean() ? job : number(),
              job,
              attempt,
              random.nextBoolean(),
              spec(),
              bytes(500));
    };
  }

  private Order.Spec spec() {
    Bytes bundle = common();
    return new Order.Spec(
        text(),
        demand(),
        limits(),
        random.nextBoolean()
            ? new Work.Call(common(), random.nextBoolean())
            : new Work.Command(common()),
        new Order.Setting(
            bundle.isEmpty()
                ? random.nextBoolean() ? CodeRef.OWN : CodeRef.NONE
                : new CodeRef.Bundle(bundle),
            isolation(),
            random.nextBoolean() ? Bytes.empty() : common()));
  }

  private Isolation isolation() {
    return switch (random.nextInt(5)) {
      case 0 -> new Isolation.Jvm(common());
      case 1 -> new Isolation.Container(common());
      case 2 -> new Isolation.Apptainer(common());
      default -> Isolation.NONE;
    };
  }

  private Order.Limits limits() {
    return new Order.Limits(
        random.nextBoolean() ? 0 : number(),
        random.nextBoolean() ? Order.Limits.USUAL_GRACE : number());
  }

  /** Returns one of few requests, or one that is too long to be kept. */
  private Demand demand() {
    int which = random.nextInt(12);
    return switch (which) {
      case 0 -> Demand.NONE;
      case 1 ->
          IntStream.range(0, 3 * Interned.LONGEST / 40)
              .mapToObj(each -> Demand.of(token("a-token-with-quite-a-long-name-" + each)))
              .reduce(Demand.NONE, Demand::and);
      default -> Demand.of(cpu(which));
    };
  }

  private Holdings holdings() {
    if (random.nextInt(4) == 0) {
      return Holdings.NONE;
    }
    List<Holdings.Share> cores =
        IntStream.range(0, random.nextInt(4))
            .mapToObj(position -> new Holdings.Share(3 * position, 1 + random.nextInt(9_999)))
            .toList();
    return new Holdings(
        1 + random.nextInt(1_000),
        random.nextBoolean(),
        Demand.of(cpu(1 + random.nextInt(12))).parts(),
        cores,
        List.of(),
        List.of());
  }

  private Fractions fractions() {
    int core = random.nextInt(5) - 1;
    int gpu = random.nextInt(300) - 1;
    List<Integer> positions =
        IntStream.range(0, random.nextInt(4)).mapToObj(each -> each * (1 + each)).toList();
    return new Fractions(
        core,
        gpu,
        positions.isEmpty() ? List.of() : List.of(new Units(Kind.custom("PORT"), positions)));
  }

  private Message.Held held() {
    Message.Held[] all = Message.Held.values();
    return all[random.nextInt(all.length)];
  }

  private AttemptEnd end() {
    return switch (random.nextInt(8)) {
      case 0 -> new AttemptEnd.Value(bytes(1_000));
      case 1 -> new AttemptEnd.Failure(bytes(1_000), "failed");
      case 2 -> new AttemptEnd.TimedOut();
      case 3 -> new AttemptEnd.NotStarted(text());
      case 4 -> new AttemptEnd.Unable(text());
      case 5 -> new AttemptEnd.OutOfMemory(text(), number(), number());
      case 6 -> new AttemptEnd.Unprepared(text());
      default -> new AttemptEnd.Cancelled();
    };
  }

  private Message.Service service() {
    return random.nextBoolean() ? Message.Service.DOCKER : Message.Service.GIT;
  }

  private LoginResult login() {
    return switch (random.nextInt(4)) {
      case 0 -> new LoginResult.None();
      case 1 -> new LoginResult.Refused(text());
      case 2 -> new LoginResult.Password(text(), bytes(200));
      default -> new LoginResult.SshKey(text(), bytes(3_000));
    };
  }

  private <T> List<T> many(int most, Supplier<T> one) {
    return Stream.generate(one).limit(1 + random.nextInt(most)).toList();
  }

  /** Returns a number of any size, negative ones too. */
  private long number() {
    return random.nextLong() >>> random.nextInt(64);
  }

  private String text() {
    return switch (random.nextInt(3)) {
      case 0 -> "";
      case 1 -> "name " + random.nextInt(8);
      default -> "größer 𝒳 " + random.nextInt(1_000_000);
    };
  }

  /** Returns one of few sequences, or one that is too long to be kept. */
  private Bytes common() {
    int which = random.nextInt(12);
    return switch (which) {
      case 0 -> Bytes.empty();
      case 1 -> bytes(3 * Interned.LONGEST);
      default -> Bytes.of(new byte[] {(byte) which, 7, 7});
    };
  }

  /** Returns up to that many bytes, in one chunk or several. */
  private Bytes bytes(int most) {
    byte[] whole = new byte[random.nextInt(most)];
    random.nextBytes(whole);
    if (random.nextBoolean()) {
      return Bytes.of(whole);
    }
    List<Bytes> parts = new ArrayList<>();
    Bytes.of(whole).pieces(1 + random.nextInt(most)).forEachRemaining(parts::add);
    return Bytes.join(parts);
  }
}
