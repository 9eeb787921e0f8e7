# Written by make notebooks

from nnlib.course.kit.order import (
    order as order,
)
from nnlib.course.kit.predict import (
    predict as predict,
)
from nnlib.course.kit.questions import (
    ask as ask,
)
from nnlib.course.kit.quiz import (
    Question as Question,
)
from nnlib.course.kit.quiz import (
    quiz as quiz,
)
from nnlib.course.lessons.lesson_00a_start.convention_switcher import (
    convention_switcher as convention_switcher,
)
from nnlib.course.lessons.lesson_00b_features.boosting_rounds import (
    boosting_rounds as boosting_rounds,
)
from nnlib.course.lessons.lesson_00b_features.feature_board import (
    feature_board as feature_board,
)
from nnlib.course.lessons.lesson_01a_neuron.neuron_boundary import (
    neuron_boundary as neuron_boundary,
)
from nnlib.course.lessons.lesson_01b_perceptron.perceptron_stepper import (
    perceptron_stepper as perceptron_stepper,
)
from nnlib.course.lessons.lesson_02a_gaussian_classes.density_triptych import (
    density_triptych as density_triptych,
)
from nnlib.course.lessons.lesson_02a_gaussian_classes.likelihood_sticks import (
    likelihood_sticks as likelihood_sticks,
)
from nnlib.course.lessons.lesson_02b_generalized_linear_models.glm_switch import (
    glm_switch as glm_switch,
)
from nnlib.course.lessons.lesson_02b_generalized_linear_models.overdispersion import (
    overdispersion as overdispersion,
)
from nnlib.course.lessons.lesson_03a_layers.playground import (
    playground as playground,
)
from nnlib.course.lessons.lesson_03a_layers.shape_counter import (
    shape_counter as shape_counter,
)
from nnlib.course.lessons.lesson_04_activations.activation_gallery import (
    activation_gallery as activation_gallery,
)
from nnlib.course.lessons.lesson_04_activations.dead_unit_counter import (
    dead_unit_counter as dead_unit_counter,
)
from nnlib.course.lessons.lesson_05_losses.gradient_and_error import (
    gradient_and_error as gradient_and_error,
)
from nnlib.course.lessons.lesson_05_losses.softmax_simplex import (
    softmax_simplex as softmax_simplex,
)
from nnlib.course.lessons.lesson_06_universal_approximation.bump_builder import (
    bump_builder as bump_builder,
)
from nnlib.course.lessons.lesson_06_universal_approximation.width_and_error import (
    width_and_error as width_and_error,
)
from nnlib.course.lessons.lesson_07_gradient_descent.bracket_stepper import (
    bracket_stepper as bracket_stepper,
)
from nnlib.course.lessons.lesson_07_gradient_descent.descent import (
    descent as descent,
)
from nnlib.course.lessons.lesson_08a_curvature.ellipse_explorer import (
    ellipse_explorer as ellipse_explorer,
)
from nnlib.course.lessons.lesson_08a_curvature.lecun_replay import (
    lecun_replay as lecun_replay,
)
from nnlib.course.lessons.lesson_08b_scaling.neighbor_units import (
    neighbor_units as neighbor_units,
)
from nnlib.course.lessons.lesson_08b_scaling.scale_by_hand import (
    scale_by_hand as scale_by_hand,
)
from nnlib.course.lessons.lesson_09a_stochastic_gradients.batch_player import (
    batch_player as batch_player,
)
from nnlib.course.lessons.lesson_09a_stochastic_gradients.noise_escape import (
    noise_escape as noise_escape,
)
from nnlib.course.lessons.lesson_09b_excess_error.excess_bars import (
    excess_bars as excess_bars,
)
from nnlib.course.lessons.lesson_09b_excess_error.gradient_budget import (
    gradient_budget as gradient_budget,
)
from nnlib.course.lessons.lesson_10a_momentum.momentum_map import (
    momentum_map as momentum_map,
)
from nnlib.course.lessons.lesson_10a_momentum.optimizer_race import (
    optimizer_race as optimizer_race,
)
from nnlib.course.lessons.lesson_10b_adaptive_rates.rates_at_work import (
    rates_at_work as rates_at_work,
)
from nnlib.course.lessons.lesson_11a_graphs_and_paths.backprop_stepper import (
    backprop_stepper as backprop_stepper,
)
from nnlib.course.lessons.lesson_11a_graphs_and_paths.path_counter import (
    path_counter as path_counter,
)
from nnlib.course.lessons.lesson_12a_gradients_by_hand.layer_stepper import (
    layer_stepper as layer_stepper,
)
from nnlib.course.lessons.lesson_12b_training_a_network.training_dashboard import (
    training_dashboard as training_dashboard,
)
from nnlib.course.lessons.lesson_13_vanishing_gradients.gradient_chain import (
    gradient_chain as gradient_chain,
)
from nnlib.course.lessons.lesson_13_vanishing_gradients.layer_histograms import (
    layer_histograms as layer_histograms,
)
from nnlib.course.lessons.lesson_14_initialization.signal_lab import (
    signal_lab as signal_lab,
)
from nnlib.course.lessons.lesson_14_initialization.twin_units import (
    twin_units as twin_units,
)
from nnlib.course.lessons.lesson_15a_batch_normalization.batch_norm_lens import (
    batch_norm_lens as batch_norm_lens,
)
from nnlib.course.lessons.lesson_15b_normalized_networks.init_robustness import (
    init_robustness as init_robustness,
)
from nnlib.course.lessons.lesson_16a_penalties.norm_ball import (
    norm_ball as norm_ball,
)
from nnlib.course.lessons.lesson_16a_penalties.penalty_paths import (
    penalty_paths as penalty_paths,
)
from nnlib.course.lessons.lesson_16b_early_stopping.descent_and_ridge import (
    descent_and_ridge as descent_and_ridge,
)
from nnlib.course.lessons.lesson_16b_early_stopping.stopping_player import (
    stopping_player as stopping_player,
)
from nnlib.course.lessons.lesson_17_dropout.dropout_masks import (
    dropout_masks as dropout_masks,
)
from nnlib.course.lessons.lesson_17_dropout.dropout_triptych import (
    dropout_triptych as dropout_triptych,
)
from nnlib.course.lessons.lesson_18_representations.activation_climber import (
    activation_climber as activation_climber,
)
from nnlib.course.lessons.lesson_18_representations.autoencoder_lab import (
    autoencoder_lab as autoencoder_lab,
)
from nnlib.course.lessons.lesson_19a_convolution.convolution_stepper import (
    convolution_stepper as convolution_stepper,
)
from nnlib.course.lessons.lesson_19a_convolution.digit_joystick import (
    digit_joystick as digit_joystick,
)
from nnlib.course.lessons.lesson_19b_pooling.equivariance_tester import (
    equivariance_tester as equivariance_tester,
)
from nnlib.course.lessons.lesson_19b_pooling.pool_shift import (
    pool_shift as pool_shift,
)
from nnlib.course.lessons.lesson_20a_recurrent_networks.eigenvalue_dial import (
    eigenvalue_dial as eigenvalue_dial,
)
from nnlib.course.lessons.lesson_20a_recurrent_networks.gradient_lag import (
    gradient_lag as gradient_lag,
)
from nnlib.course.lessons.lesson_20b_memory.memory_cell import (
    memory_cell as memory_cell,
)
from nnlib.course.lessons.lesson_20b_memory.reservoir import (
    reservoir as reservoir,
)
from nnlib.course.lessons.lesson_21a_linear_regions.folded_plane import (
    folded_plane as folded_plane,
)
from nnlib.course.lessons.lesson_21a_linear_regions.region_painter import (
    region_painter as region_painter,
)
from nnlib.course.lessons.lesson_21b_residual_networks.identity_paths import (
    identity_paths as identity_paths,
)
from nnlib.course.lessons.lesson_21b_residual_networks.plain_or_residual import (
    plain_or_residual as plain_or_residual,
)
from nnlib.course.lessons.lesson_22a_generalization.feature_count import (
    feature_count as feature_count,
)
from nnlib.course.lessons.lesson_22a_generalization.label_noise import (
    label_noise as label_noise,
)
from nnlib.course.lessons.lesson_22b_loss_landscapes.random_hessians import (
    random_hessians as random_hessians,
)
from nnlib.course.lessons.lesson_22b_loss_landscapes.slice_explorer import (
    slice_explorer as slice_explorer,
)
from nnlib.course.lessons.lesson_23a_frameworks.loop_tape import (
    loop_tape as loop_tape,
)
from nnlib.course.lessons.lesson_23a_frameworks.model_builder import (
    model_builder as model_builder,
)
from nnlib.course.lessons.lesson_23b_capstone.refusals import (
    refusals as refusals,
)
from nnlib.course.lessons.lesson_23b_capstone.winners_curse import (
    winners_curse as winners_curse,
)
from nnlib.course.lessons.lesson_24_attention.learn_to_look import (
    learn_to_look as learn_to_look,
)
from nnlib.course.lessons.lesson_24_attention.soft_dictionary import (
    soft_dictionary as soft_dictionary,
)
from nnlib.course.lessons.lesson_25a_language_models.memory_bits import (
    memory_bits as memory_bits,
)
from nnlib.course.lessons.lesson_25a_language_models.shannon_game import (
    shannon_game as shannon_game,
)
from nnlib.course.lessons.lesson_25b_transformers.ablations import (
    ablations as ablations,
)
from nnlib.course.lessons.lesson_25b_transformers.temperature import (
    temperature as temperature,
)
