#!/bin/bash
# A folder of recordings to vectors by an array of Slurm tasks, each with a part of the recordings. Submit as many tasks as there are to be parts:
#
#     sbatch --array=0-15 embed-slurm.sh
#     sbatch --dependency=afterany:JOB --wrap "jukebox-native embed --merge vectors"
#
# A task that ended early goes on where it stood when it begins again: by Slurm itself, by `scontrol requeue JOB_3`, or by submitting the whole
# array again, which passes over what is done. A task that is submitted alone (--array=3) cannot know of how many parts it is one; it says so and
# computes nothing. What no task has computed, --merge names.
#
#SBATCH --job-name=embed
#SBATCH --array=0-3
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=embed-%A_%a.log
#
# With a card each: #SBATCH --gpus-per-task=1
#
# Under PBS, whose tasks know their number and not how many there are: qsub -J 1-16 -v SHARDS=16 embed-slurm.sh
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:-${PBS_O_WORKDIR:-.}}"

# All but the program must be the same for every task of an array, and lie where every node sees it.
native="${NATIVE:-jukebox-native}"
recordings="${RECORDINGS:-recordings}"
model="${MODEL:-models/5b}"
vectors="${VECTORS:-vectors}"
read -ra settings <<<"${SETTINGS:---preset jukemirlib --layers 36}"
threads="${SLURM_CPUS_PER_TASK:-${NCPUS:-1}}"

exec "$native" embed "$recordings" --model "$model" "${settings[@]}" --threads "$threads" --output "$vectors" --shard auto ${SHARDS:+--shards "$SHARDS"}
