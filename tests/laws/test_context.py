"""Memory and cost of long contexts, against published figures."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigawatt.core.errors import InputError
from gigawatt.mechanisms.context import (
    Architecture,
    Length,
    Server,
    architecture,
    architectures,
    attended,
    attention_cache,
    dollars_per_million,
    forward_flop,
    growth_between,
    latent_cache,
    longer,
    mean_attended,
    quality,
    reading_hours,
    room_for,
    step_time,
    training_samples,
    weights_read,
    years_until,
)

# bytes for one token, 16 bit
PUBLISHED = {
    "OPT-13B": 800 * 1024,  # Kwon et al. (2023), section 3
    "DeepSeek-V3": 70_272,  # Zhao et al. (2025), arXiv:2505.09343, table 1
    "Qwen2.5-72B": 327_680,
    "Llama-3.1-405B": 516_096,
}
H800 = {"memory": 80e9, "bandwidth": 3.35e12, "peak": 1.979e15, "price": 2.0}


@pytest.mark.parametrize("model", PUBLISHED)
def test_cache_of_a_token_is_the_published_one(model):
    assert float(architecture(model).cache(1.0)) == PUBLISHED[model]


def test_llama_2_7b_holds_half_a_megabyte_a_token():
    assert float(architecture("Llama-2-7B").cache(1.0)) == 512 * 1024


def test_deepseek_v2_cuts_the_cache_of_deepseek_67b_by_the_published_93_3_per_cent():
    # with six bits a number (arXiv:2405.04434, section 3.2.3) against sixteen
    cut = 1.0 - architecture("DeepSeek-V2").cache(1.0, 6 / 8) / architecture("DeepSeek-67B").cache(1.0, 2.0)
    assert float(cut) == pytest.approx(0.933, abs=0.0005)


def test_mistrals_window_cuts_the_cache_of_32k_tokens_eightfold():
    mistral = architecture("Mistral-7B")
    full = mistral.per_layer() * attended(32768.0, mistral.layers)
    assert float(full / mistral.cache(32768.0)) == pytest.approx(8.0)


@pytest.mark.parametrize(("model", "published"), [("DeepSeek-V2", 155), ("DeepSeek-V3", 250), ("Llama-3.1-405B", 2448)])
def test_training_work_of_a_token_is_the_published_one(model, published):
    # Zhao et al. (2025), table 2, GFLOP a token at a length of 4096
    assert float(3.0 * architecture(model).read_flop(4096.0)) / 1e9 == pytest.approx(published, rel=0.015)


def test_fewer_key_value_heads_shrink_the_cache_in_proportion():
    heads = jnp.asarray([32.0, 8.0, 1.0])  # multi-head, grouped-query, multi-query
    assert attention_cache(heads, 128.0, 2.0).tolist() == [16384.0, 4096.0, 512.0]
    assert latent_cache(512.0, 64.0, 2.0) == 1152.0


def test_experts_do_not_enter_the_cache():
    dense = Architecture(60, 64, 8, 128, 128, 7e10, 7e10)
    sparse = Architecture(60, 64, 8, 128, 128, 7e11, 7e10)
    assert float(dense.cache(1e5)) == float(sparse.cache(1e5))


@settings(deadline=None)
@given(st.floats(1.0, 1e7), st.integers(0, 62), st.floats(1.0, 1e5))
def test_mean_attention_is_the_mean_over_positions_and_below_the_last(length, local, window):
    last, mean = attended(length, 62.0, local, window), mean_attended(length, 62.0, local, window)
    assert float(mean) <= float(last) * (1 + 1e-12)
    points = jnp.linspace(0.0, length, 4001)
    by_hand = jnp.trapezoid(attended(points, 62.0, local, window), points) / length
    assert float(mean) == pytest.approx(float(by_hand), rel=1e-3)


def test_a_dense_token_costs_two_per_parameter_and_attention_adds_with_length():
    assert float(forward_flop(7e9, 32, 128, 128, 0.0)) == 1.4e10
    llama = architecture("Llama-2-7B")
    kaplan = 2 * llama.active + 2 * 32 * 4096 * 4096  # 2 N + 2 n_layer n_ctx d_attn
    assert float(llama.read_flop(4096.0)) == pytest.approx(kaplan)


def test_one_token_reads_the_active_weights_and_a_large_batch_all():
    assert float(weights_read(671e9, 37e9, 1.0)) == pytest.approx(37e9)
    assert float(weights_read(671e9, 37e9, 1e4)) == pytest.approx(671e9)
    assert weights_read(70e9, 70e9, jnp.asarray([1.0, 64.0])).tolist() == [70e9, 70e9]


def test_step_time_is_the_slower_of_memory_and_arithmetic():
    assert float(step_time(1.0, 8e9, 0.0, 1.6e10, 2e12, 1e15)) == pytest.approx(4e-3)
    assert float(step_time(1e6, 8e9, 0.0, 1.6e10, 2e12, 1e15)) == pytest.approx(16.0)


def test_dollars_per_million_by_hand():
    # one chip at 3.60 USD an hour that makes a thousand tokens a second: 0.001 USD a second
    assert dollars_per_million(1000.0, 1.0, 3.6) == pytest.approx(1.0)


def test_deepseeks_own_service_reaches_a_fifth_of_the_roofline():
    # Reported: 14.8 thousand tokens/s written for each node of 8 H800 at a mean length of 4989, 20 to 22 tokens/s for
    # each text, so that about 88 texts share a chip, in units of 18 nodes.
    server, model = Server(chips=144, utilisation=1.0, **H800), architecture("DeepSeek-V3")
    reached = 14.8e3 * 18 / server.writing_speed(model, 4989.0, 144 * 88.0)
    assert 0.15 < float(reached) < 0.3
    # 73.7 thousand tokens/s read for each node, 56.3 % of them from a cache on disk
    node = Server(chips=8, utilisation=1.0, **H800)
    assert 0.12 < 73.7e3 * (1 - 0.563) / float(node.reading_speed(model, 4989.0)) < 0.3


def test_writing_costs_more_in_long_contexts_and_reading_less_than_writing():
    server, model = Server(chips=16, utilisation=0.2, **H800), architecture("DeepSeek-V3")
    length = jnp.asarray([1e3, 1e4, 1e5, 1e6])
    writing, reading = server.writing_cost(model, length), server.reading_cost(model, length)
    assert bool(jnp.all(jnp.diff(writing) > 0)) and bool(jnp.all(jnp.diff(reading) > 0))
    assert float(writing[2]) > float(reading[2])


def test_where_not_one_text_fits_the_cost_has_no_bound():
    server = Server(chips=8, utilisation=0.2, **H800)
    assert jnp.isinf(server.writing_cost(architecture("Llama-3.1-405B"), 1e6))
    assert float(room_for(100.0, 120.0, 1.0)) == 0.0
    assert float(server.batch(architecture("Llama-3.1-8B"), 131072.0)) == pytest.approx(
        (640e9 - 8e9) / 17.18e9, rel=1e-3
    )


def test_longer_training_texts_leave_fewer_samples_for_the_same_compute():
    model = architecture("Llama-3.1-70B")
    short, long = (training_samples(1e24, L, model.read_flop(L)) for L in (8192.0, 1e6))
    assert float(short / long) > 1e6 / 8192.0  # more than in proportion
    assert float(short * 8192.0 * 3 * model.read_flop(8192.0)) == pytest.approx(1e24)


def test_quality_is_whole_up_to_the_trained_length_and_falls_beyond():
    served = jnp.asarray([1e3, 1.28e5, 2.56e5, 1.28e6])
    assert quality(served, 1.28e5, 0.4).tolist() == pytest.approx([1.0, 1.0, 0.5**0.4, 0.1**0.4])


def test_an_elasticity_from_ruler_gives_back_its_scores():
    # Mixtral-8x22B, trained to 64 thousand tokens: 84.7 at 64K, 31.7 at 128K (RULER, main results)
    fall = jnp.log(84.7 / 31.7) / jnp.log(2.0)
    assert 84.7 * float(quality(131072.0, 65536.0, fall)) == pytest.approx(31.7)
    assert 1.3 < float(fall) < 1.5


def test_a_million_words_are_67_hours():
    assert reading_hours(1e6, 250.0) == pytest.approx(66.667, abs=1e-3)


@settings(deadline=None)
@given(st.floats(1e3, 1e6), st.floats(1.01, 1e4), st.floats(0.05, 2.0))
def test_growth_and_waiting_time_undo_each_other(length, ratio, growth):
    years = years_until(length, length * ratio, growth)
    assert float(longer(length, growth, jnp.inf, years)) == pytest.approx(length * ratio, rel=1e-9)
    assert float(growth_between(length, length * ratio, years)) == pytest.approx(growth, rel=1e-9)


def test_length_stops_at_what_a_machine_holds_and_never_shrinks():
    grow = Length(growth=1.0, limit=1e7)
    assert float(grow(prev_context=jnp.asarray(9.9e6), dt=1.0).context) == 1e7
    assert float(grow(prev_context=jnp.asarray(2e7), dt=1.0).context) == 2e7


def test_twelve_months_make_a_year_of_growth():
    context = jnp.asarray(1e6)
    for _ in range(12):
        context = Length(growth=jnp.log(4.0), limit=1e12)(prev_context=context, dt=1 / 12).context
    assert float(context) == pytest.approx(4e6)


def test_cost_has_a_derivative_in_length():
    server, model = Server(chips=16, utilisation=0.2, **H800), architecture("DeepSeek-V3")
    slope = jax.grad(lambda length: server.writing_cost(model, length))(1e5)
    assert bool(jnp.isfinite(slope)) and float(slope) > 0


def test_an_unknown_architecture_is_told_with_a_cure():
    with pytest.raises(InputError, match="no architecture 'Llama-3.1-405b'.*Llama-3.1-405B") as told:
        architecture("Llama-3.1-405b")
    assert "\n" not in str(told.value)
    assert "DeepSeek-V3" in architectures()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"kv_heads": 0}, "kv_heads"), ({"local_layers": 33}, "local_layers"), ({"active": 9e9}, "active")],
)
def test_shapes_that_no_model_has_are_told(wrong, told):
    right = {"layers": 32, "heads": 32, "kv_heads": 8, "score": 128, "value": 128, "parameters": 8e9, "active": 8e9}
    with pytest.raises(InputError, match=told) as found:
        Architecture(**{**right, **wrong})
    assert "\n" not in str(found.value)
